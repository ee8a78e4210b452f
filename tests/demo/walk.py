"""The commands of a README's walk, and what stands in for curl on a machine that has none."""

import re

WALK = re.compile(r"<!-- walk -->(.*?)<!-- /walk -->", re.DOTALL)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def commands(readme: str) -> list[str]:
    """The blocks of shell commands of the walk, in order."""
    walk = WALK.search(readme)
    return BLOCK.findall(walk.group(1)) if walk else []


CURL = '''#!{python}
"""As much of curl as the README uses: -sS, -X, -H, -d, --data-binary @FILE."""
import sys
import urllib.error
import urllib.request

arguments, headers, method, data, url = iter(sys.argv[1:]), {{}}, None, None, ""
for argument in arguments:
    if argument == "-X":
        method = next(arguments)
    elif argument == "-H":
        name, _, value = next(arguments).partition(":")
        headers[name] = value.strip()
    elif argument in ("-d", "--data-binary"):
        value = next(arguments)
        data = open(value[1:], "rb").read() if value.startswith("@") else value.encode()
    elif not argument.startswith("-"):
        url = argument
try:
    answer = urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method))
except urllib.error.HTTPError as error:
    answer = error
sys.stdout.buffer.write(answer.read())
'''
