//===- TextModule.cpp - A module read from text ---------------------------===//
#include "TextModule.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/AsmParser/AsmParserState.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace hybridc;

std::optional<TextLines::Place> TextLines::find(LocationAttr location) const {
  std::optional<Place> found;
  location.walk([&](Location part) {
    if (auto known = first.find(Attribute(part)); known != first.end())
      found = known->second;
    else if (auto at = dyn_cast<FileLineColLoc>(part))
      found = Place{at.getLine(), at.getColumn()};
    return found ? WalkResult::interrupt() : WalkResult::advance();
  });
  return found;
}

/// MLIR 22's parser crashes on `array<index: …>`, which no attribute of ours
/// is: such text is refused before it gets there. Strings and comments may say
/// what they like.
static Status checkSyntax(const std::string &path, llvm::StringRef text) {
  bool inString = false;
  for (size_t at = 0; at < text.size(); ++at) {
    if (inString) {
      at += text[at] == '\\';
      inString = text[std::min(at, text.size() - 1)] != '"';
    } else if (text[at] == '"') {
      inString = true;
    } else if (text.substr(at).starts_with("//")) {
      at = std::min(text.find('\n', at), text.size() - 1);
    } else if (llvm::StringRef rest = text.substr(at);
               rest.consume_front("array")) {
      rest = rest.ltrim();
      if (!rest.consume_front("<") || !rest.ltrim().starts_with("index"))
        continue;
      llvm::StringRef before = text.take_front(at);
      size_t line = before.count('\n') + 1;
      size_t column = at - (before.rfind('\n') + 1) + 1;
      return invalidInput(path + ":" + std::to_string(line) + ":" +
                          std::to_string(column) +
                          ": an array of index is no attribute; write "
                          "array<i64: …>");
    }
  }
  return {};
}

/// Reports speak of ONNX nodes. Ops of a text that names none are called after
/// the line they stand in.
static void nameByLine(ModuleOp module) {
  module->walk([](Operation *op) {
    auto line = dyn_cast<FileLineColLoc>(op->getLoc());
    if (line)
      op->setLoc(NameLoc::get(
          StringAttr::get(op->getContext(), op->getName().getStringRef().str() +
                                                ":" +
                                                std::to_string(line.getLine())),
          line));
  });
}

/// The text's ops without verification: what is wrong with one is said where it
/// stands, for which all of them are wanted.
static OwningOpRef<ModuleOp> parseOps(const llvm::SourceMgr &source,
                                      MLIRContext *context, TextLines &lines) {
  llvm::MemoryBufferRef buffer =
      *source.getMemoryBuffer(source.getMainFileID());
  ParserConfig config(context, /*verifyAfterParse=*/false);
  Location file = FileLineColLoc::get(context, buffer.getBufferIdentifier(),
                                      /*line=*/0, /*column=*/0);
  Block block;
  if (isBytecode(buffer)) {
    if (failed(readBytecodeFile(buffer, &block, config)))
      return {};
  } else {
    AsmParserState state;
    if (failed(parseAsmSourceFile(source, &block, config, &state)))
      return {};
    for (const AsmParserState::OperationDefinition &op : state.getOpDefs()) {
      // An op is known when its end is: those inside of it come before it.
      auto [line, column] = source.getLineAndColumn(op.loc.Start);
      TextLines::Place &place = lines.first
                                    .try_emplace(Attribute(op.op->getLoc()),
                                                 TextLines::Place{line, column})
                                    .first->second;
      if (line < place.line)
        place = {line, column};
    }
  }
  return mlir::detail::constructContainerOpForParserIfNecessary<ModuleOp>(
      &block, context, file);
}

Result<OwningOpRef<ModuleOp>> hybridc::parseText(const std::string &path,
                                                 MLIRContext *context,
                                                 TextLines &lines) {
  auto file = llvm::MemoryBuffer::getFile(path);
  if (!file)
    return invalidInput(path + ": " + file.getError().message());
  if (Status status = checkSyntax(path, (*file)->getBuffer()); !status)
    return status.error();
  llvm::SourceMgr source;
  source.AddNewSourceBuffer(std::move(*file), {});
  OwningOpRef<ModuleOp> module = parseOps(source, context, lines);
  if (!module || failed(verify(*module)))
    return OwningOpRef<ModuleOp>();
  nameByLine(*module);
  return module;
}
