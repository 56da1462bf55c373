//===- Load.cpp - Reading a model's files ---------------------------------===//

#include "Failure.h"
#include "Model.h"

#include "onnx/defs/parser.h"

#include "llvm/ADT/StringRef.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>

#include <climits>
#include <cstring>
#include <filesystem>

namespace hybridc::import {

/// Protobuf messages inside each other. An If level takes three, so about a
/// hundred levels of control flow: what ONNX's own recursive checks stand.
constexpr int maxMessageDepth = 320;
/// Brackets inside each other in ONNX's textual syntax.
constexpr int maxTextDepth = 320;

/// Throws Failure (InvalidInput) when `path` cannot be read.
static std::shared_ptr<InputFile> openFile(const std::string &path,
                                           bool follow) {
  auto file = InputFile::open(path, follow);
  if (!file)
    failInvalid("{}", file.error().message);
  return *file;
}

static const char *charsOf(const InputFile &file) {
  return reinterpret_cast<const char *>(file.data());
}

std::shared_ptr<InputFile> openExternal(Model &model,
                                        const std::string &location,
                                        const std::string &tensor) {
  if (auto known = model.externals.find(location);
      known != model.externals.end())
    return known->second;
  namespace fs = std::filesystem;
  auto refuse = [&](std::string_view why) {
    failInvalid("{}: tensor '{}': external data location '{}' {}; it must "
                "name a regular file inside the model's folder",
                model.path, tensor, location, why);
  };
  fs::path relative(location);
  if (location.empty() || location.find('\0') != std::string::npos)
    refuse("is empty or holds a zero byte");
  if (relative.is_absolute())
    refuse("is an absolute path");
  for (const fs::path &part : relative)
    if (part == "..")
      refuse("leaves the model's folder");
  std::error_code failed;
  fs::path found = fs::path(model.directory) / relative;
  if (!fs::exists(found, failed))
    refuse("does not exist");
  if (!fs::is_regular_file(found, failed))
    refuse("is not a regular file");
  // Links are followed, as caches of models consist of them: what counts is
  // where the file really is.
  fs::path real = fs::canonical(found, failed);
  if (failed)
    refuse("cannot be resolved");
  auto isBelow = [&](const fs::path &folder) {
    fs::path base = fs::canonical(folder, failed);
    auto [end, rest] =
        std::mismatch(base.begin(), base.end(), real.begin(), real.end());
    return !failed && end == base.end();
  };
  if (!isBelow(model.directory) &&
      !isBelow(fs::canonical(model.path, failed).parent_path()))
    refuse("leads out of the model's folder by a symbolic link");
  auto file = openFile(real.string(), /*follow=*/false);
  model.externals.emplace(location, file);
  return file;
}

/// A non-negative decimal number, or -1.
static int64_t parseCount(const std::string &text) {
  if (text.empty() || text.size() > 18)
    return -1;
  int64_t value = 0;
  for (char digit : text) {
    if (digit < '0' || digit > '9')
      return -1;
    value = value * 10 + (digit - '0');
  }
  return value;
}

ExternalData locateExternal(Model &model, const onnx::TensorProto &tensor,
                            size_t expected) {
  std::string location;
  int64_t offset = 0, length = -1;
  for (const auto &entry : tensor.external_data()) {
    if (entry.key() == "location")
      location = entry.value();
    else if (entry.key() == "offset")
      offset = parseCount(entry.value());
    else if (entry.key() == "length") {
      length = parseCount(entry.value());
      if (length < 0)
        failInvalid("{}: tensor '{}': external data length '{}' is not a "
                    "number of bytes",
                    model.path, tensor.name(), entry.value());
    }
  }
  auto file = openExternal(model, location, tensor.name());
  if (offset < 0)
    failInvalid("{}: tensor '{}': external data offset is not a number of "
                "bytes",
                model.path, tensor.name());
  size_t start = static_cast<size_t>(offset);
  size_t size = length >= 0 ? static_cast<size_t>(length) : expected;
  if (size != expected)
    failInvalid("{}: tensor '{}': its shape and type take {} bytes, its "
                "external data has {}",
                model.path, tensor.name(), expected, size);
  if (start > file->size() || size > file->size() - start)
    failInvalid("{}: tensor '{}': bytes {} to {} lie outside '{}', which has "
                "{} bytes",
                model.path, tensor.name(), start, start + size, location,
                file->size());
  return {file, charsOf(*file) + start, size};
}

static void parseBinary(Model &model, const InputFile &file) {
  if (file.size() > INT_MAX)
    failInvalid("{}: is {} bytes long, protobuf messages end at 2 GB; save "
                "the weights as external data",
                model.path, file.size());
  // Protobuf writes to stderr what we say in the error.
  google::protobuf::LogSilencer quiet;
  google::protobuf::io::ArrayInputStream bytes(charsOf(file),
                                               static_cast<int>(file.size()));
  google::protobuf::io::CodedInputStream coded(&bytes);
  coded.SetTotalBytesLimit(INT_MAX);
  coded.SetRecursionLimit(maxMessageDepth);
  if (!model.proto.ParseFromCodedStream(&coded) ||
      !coded.ConsumedEntireMessage())
    failInvalid("{}: is not an ONNX model: near byte {} of {} it is "
                "truncated, damaged or nested deeper than {} messages",
                model.path, coded.CurrentPosition(), file.size(),
                maxMessageDepth);
}

/// ONNX's parser recurses with each bracket: refuse before it does.
static void checkTextDepth(const Model &model, std::string_view text) {
  int depth = 0, line = 1;
  for (size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    line += c == '\n';
    if (c == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at) {
        line += text[at] == '\n';
        at += text[at] == '\\';
      }
    } else if (c == '#') {
      at = std::min(text.find('\n', at), text.size()) - 1;
    } else if (c == '{' || c == '(' || c == '[') {
      if (++depth > maxTextDepth)
        failInvalid("{}:{}: brackets are nested deeper than {}", model.path,
                    line, maxTextDepth);
    } else if (c == '}' || c == ')' || c == ']') {
      depth -= depth > 0;
    }
  }
}

/// "file:line:column: reason" from ONNX's several lines of text.
static std::string describeParseError(const Model &model,
                                      const std::string &message) {
  int line = 0, column = 0;
  size_t at = message.find("(line: ");
  if (at != std::string::npos) { // "(line: 1 column: 2)"
    llvm::StringRef rest = llvm::StringRef(message).substr(at);
    rest.consume_front("(line: ");
    if (!rest.consumeInteger(10, line) && rest.consume_front(" column: "))
      rest.consumeInteger(10, column);
  }
  size_t context = message.find("Error context: ");
  std::string reason = message;
  if (context != std::string::npos) {
    size_t end = message.find('\n', context);
    if (end != std::string::npos)
      reason = message.substr(end + 1);
  }
  while (!reason.empty() && (reason.back() == '\n' || reason.back() == ' '))
    reason.pop_back();
  return fmt::format("{}:{}:{}: {}", model.path, line, column, reason);
}

static void parseText(Model &model, const InputFile &file) {
  std::string text(charsOf(file), file.size());
  checkTextDepth(model, text);
  onnx::OnnxParser parser(text);
  auto status = parser.Parse(model.proto);
  if (!status.IsOK())
    failInvalid("{}", describeParseError(model, status.ErrorMessage()));
  if (!parser.EndOfInput())
    failInvalid("{}: text follows the model", model.path);
}

std::shared_ptr<Model> loadModel(const std::string &path) {
  auto model = std::make_shared<Model>();
  model->path = path;
  std::filesystem::path parent = std::filesystem::path(path).parent_path();
  model->directory = parent.empty() ? "." : parent.string();
  bool isText = std::string_view(path).ends_with(".onnxtxt");
  if (!isText && !std::string_view(path).ends_with(".onnx"))
    failInvalid("{}: is no model by its ending; models end in .onnx or "
                ".onnxtxt",
                path);
  auto file = openFile(path, /*follow=*/true);
  if (file->size() == 0)
    failInvalid("{}: is empty", path);
  if (isText)
    parseText(*model, *file);
  else
    parseBinary(*model, *file);
  return model;
}

} // namespace hybridc::import
