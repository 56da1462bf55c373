//===- HoverRelay.cpp - Adds an op's page to hovers -----------------------===//
#include "HoverRelay.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

#include <csignal>
#include <cstdio>
#include <mutex>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace hybridc;
using llvm::StringRef;

namespace hybridc::lsp {
extern const char *const opPages[]; ///< made of docs/*Ops.md; ends with null
}

StringRef lsp::pageOf(StringRef op) {
  std::string head = "\n### `" + op.str() + "` (";
  for (const char *const *page = opPages; *page; ++page) {
    StringRef text = *page;
    size_t at = text.find(head);
    if (at == StringRef::npos)
      continue;
    text = text.substr(text.find('\n', at + 1));
    return text.take_front(std::min(text.find("\n### "), text.find("\n## ")))
        .trim();
  }
  return {};
}

std::string lsp::withPage(std::string body) {
  llvm::Expected<llvm::json::Value> answer = llvm::json::parse(body);
  if (!answer) {
    llvm::consumeError(answer.takeError());
    return body;
  }
  llvm::json::Object *object = answer->getAsObject();
  llvm::json::Object *result = object ? object->getObject("result") : nullptr;
  llvm::json::Object *contents =
      result ? result->getObject("contents") : nullptr;
  std::optional<StringRef> value =
      contents ? contents->getString("value") : std::nullopt;
  if (!value || !value->starts_with("\""))
    return body; // about a value or a block
  StringRef page =
      pageOf(value->drop_front().take_until([](char c) { return c == '"'; }));
  if (page.empty())
    return body;
  (*contents)["value"] = (*value + "\n\n***\n" + page).str();
  return llvm::formatv("{0}", *answer).str();
}

namespace {
/// One frame: headers, an empty line, a body of Content-Length bytes.
bool readFrame(FILE *from, std::string &body) {
  char *line = nullptr;
  size_t room = 0, size = 0;
  bool isDone = false;
  while (!isDone) {
    if (getline(&line, &room, from) < 0)
      break;
    StringRef header = StringRef(line).trim();
    isDone = header.empty();
    if (header.consume_front_insensitive("content-length:") &&
        header.trim().getAsInteger(10, size))
      break;
  }
  free(line);
  // What no editor sends is no reason to take all memory.
  if (!isDone || size > (size_t(1) << 30))
    return false;
  body.resize(size);
  return fread(body.data(), 1, size, from) == size;
}

bool writeFrame(FILE *to, const std::string &body) {
  return fprintf(to, "Content-Length: %zu\r\n\r\n", body.size()) > 0 &&
         fwrite(body.data(), 1, body.size(), to) == body.size() &&
         fflush(to) == 0;
}

/// The ids of hovers that wait for an answer, as JSON.
class Waiting {
public:
  void note(const std::string &body) {
    if (auto id = idOf(body, "textDocument/hover")) {
      std::lock_guard lock(mutex);
      ids.insert(*id);
    }
  }
  bool take(const std::string &body) {
    std::lock_guard lock(mutex);
    if (ids.empty())
      return false;
    auto id = idOf(body, "");
    return id && ids.erase(*id);
  }

private:
  static std::optional<std::string> idOf(StringRef body, StringRef method) {
    // Whole files go by: only what may be a hover is read.
    if (!body.contains(method) || !body.contains("\"id\""))
      return {};
    llvm::Expected<llvm::json::Value> message = llvm::json::parse(body);
    if (!message) {
      llvm::consumeError(message.takeError());
      return {};
    }
    llvm::json::Object *object = message->getAsObject();
    llvm::json::Value *id = object ? object->get("id") : nullptr;
    if (!id || object->getString("method").value_or("") != method)
      return {};
    return llvm::formatv("{0}", *id).str();
  }

  std::mutex mutex;
  std::set<std::string> ids;
};
} // namespace

int lsp::relay(llvm::function_ref<int()> serve) {
  int toServer[2], fromServer[2];
  if (pipe(toServer) || pipe(fromServer))
    return serve(); // without pages
  pid_t server = fork();
  if (server <= 0) { // the server, or no process to be had for it
    if (server == 0) {
      dup2(toServer[0], STDIN_FILENO);
      dup2(fromServer[1], STDOUT_FILENO);
    }
    for (int end : {toServer[0], toServer[1], fromServer[0], fromServer[1]})
      close(end);
    return serve();
  }
  close(toServer[0]);
  close(fromServer[1]);
  signal(SIGPIPE, SIG_IGN);
  FILE *in = fdopen(toServer[1], "w"), *out = fdopen(fromServer[0], "r");
  Waiting waiting;
  // Ends with the process: the editor may keep its end open.
  std::thread([&, in] {
    std::string body;
    while (readFrame(stdin, body)) {
      waiting.note(body);
      if (!writeFrame(in, body))
        break;
    }
    fclose(in);
  }).detach();
  std::string body;
  while (readFrame(out, body))
    if (!writeFrame(stdout, waiting.take(body) ? withPage(body) : body))
      break;
  int status = 0;
  waitpid(server, &status, 0);
  fflush(stdout);
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}
