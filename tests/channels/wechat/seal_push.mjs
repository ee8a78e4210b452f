// WeCom's official library for JavaScript: reads pushes as lines of JSON, and seals and signs each as the provider does.
import { createInterface } from "node:readline";
import { encrypt, getSignature } from "@wecom/crypto";

for await (const line of createInterface({ input: process.stdin })) {
  const { token, key, owner, timestamp, nonce, document } = JSON.parse(line);
  const sealed = encrypt(key, document, owner);
  console.log(JSON.stringify({ sealed, signature: getSignature(token, timestamp, nonce, sealed) }));
}
