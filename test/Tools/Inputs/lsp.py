"""lsp.py SERVER FILE WHAT: opens FILE in a language server over stdio and prints what it answers.

WHAT is any number of: `diagnostics`, `hover LINE:COL`, `definition LINE:COL`, `references LINE:COL`, `completion LINE:COL`,
`change OLD NEW` (sends the text with OLD replaced by NEW; diagnostics follow). Positions count from 1, as
compilers print them; the protocol's count from 0.
"""
import json
import pathlib
import subprocess
import sys
import threading

server, path, *what = sys.argv[1:]
uri = pathlib.Path(path).resolve().as_uri()
text = pathlib.Path(path).read_text()
process = subprocess.Popen([server], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
threading.Timer(60, process.kill).start()  # a server that keeps silent is a failure, not a hang
timer = threading.enumerate()[-1]
number = 0


def send(method, params, wants_answer=False):
    global number
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    if wants_answer:
        number += 1
        message["id"] = number
    body = json.dumps(message).encode()
    process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    process.stdin.flush()


def receive():
    size = 0
    while (line := process.stdout.readline().strip()) or not size:
        if not line:
            sys.exit("the server closed its output")
        name, value = line.split(b":")
        if name.lower() == b"content-length":
            size = int(value)
    return json.loads(process.stdout.read(size))


def ask(method, params):
    send(method, params, wants_answer=True)
    while True:
        message = receive()
        if message.get("id") == number:
            if "error" in message:
                sys.exit(f"{method}: {message['error']}")
            return message["result"]


def diagnostics():
    while (message := receive()).get("method") != "textDocument/publishDiagnostics":
        pass
    found = message["params"]["diagnostics"]
    print(f"diagnostics: {len(found)}")
    for item in found:
        kind = {1: "error", 2: "warning", 3: "remark", 4: "remark"}[item["severity"]]
        print(f"  {place(item['range'])}: {kind}: {item['message']}")


def place(span):
    start, end = span["start"], span["end"]
    return f"{start['line'] + 1}:{start['character'] + 1}-{end['line'] + 1}:{end['character'] + 1}"


def at(position):
    line, column = (int(part) - 1 for part in position.split(":"))
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}


result = ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
print("server:", result["serverInfo"]["name"])
send("initialized", {})
send("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "mlir", "version": 1, "text": text}})
version = 1
while what:
    verb = what.pop(0)
    if verb == "diagnostics":
        diagnostics()
    elif verb == "change":
        old, new = what.pop(0), what.pop(0)
        assert old in text, old
        text = text.replace(old, new)
        version += 1
        send("textDocument/didChange",
             {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]})
    elif verb == "hover":
        answer = ask("textDocument/hover", at(what.pop(0)))
        print("hover:", answer["contents"]["value"] if answer else "nothing")
    elif verb == "completion":
        answer = ask("textDocument/completion", at(what.pop(0)))
        print("completion:", " ".join(sorted(item["label"] for item in answer["items"])))
    elif verb == "definition":
        for found in ask("textDocument/definition", at(what.pop(0))):
            print("definition:", place(found["range"]))
    elif verb == "references":
        params = at(what.pop(0)) | {"context": {"includeDeclaration": False}}
        for found in ask("textDocument/references", params):
            print("reference:", place(found["range"]))
    else:
        sys.exit(f"unknown request {verb}")
ask("shutdown", None)
send("exit", None)
process.stdin.close()
print("exit code:", process.wait())
timer.cancel()
