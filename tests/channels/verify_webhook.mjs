// The official verifier for JavaScript: reads calls as lines of JSON, and says of each whether it believes it.
import { createInterface } from "node:readline";
import { Webhook } from "standardwebhooks";

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, headers, body } = JSON.parse(line);
  try {
    new Webhook(secret).verify(body, headers);
    console.log(JSON.stringify(true));
  } catch {
    console.log(JSON.stringify(false));
  }
}
