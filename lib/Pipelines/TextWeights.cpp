//===- TextWeights.cpp - Weights of modules that are text -----------------===//
#include "hybridc/Pipelines/TextWeights.h"

#include "hybridc/Dialect/Hyb/IR/Commands.h"
#include "hybridc/Dialect/Hyb/IR/Facts.h"
#include "hybridc/Support/Npz.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Endian.h"

#include <cstring>
#include <filesystem>

using namespace mlir;
using namespace hybridc;

/// Constants of up to this many elements are part of any text.
static constexpr int64_t kShortText = 64;

/// How MLIR prints a resource that was left out together with its name.
static constexpr llvm::StringLiteral kElided = "__elided__";

TextWeights TextWeights::parse(const std::string &text) {
  if (text.empty())
    return {};
  if (text == "inline")
    return {Mode::Inline, {}};
  return {Mode::Beside, text};
}

/// Each resource as often as it is used with another type.
static SmallVector<DenseResourceElementsAttr> resourceUses(ModuleOp module) {
  SmallVector<DenseResourceElementsAttr> uses;
  AttrTypeWalker walker; // sees each attribute once
  walker.addWalk(
      [&](DenseResourceElementsAttr value) { uses.push_back(value); });
  module->walk([&](Operation *op) { walker.walk(op->getAttrDictionary()); });
  return uses;
}

void hybridc::collectResources(ModuleOp module, Resources &resources) {
  for (DenseResourceElementsAttr value : resourceUses(module))
    resources.insert({value.getRawHandle().getKey(), value});
}

/// The resources of a text, as MLIR reads them: alignment, then bytes, in hex.
static void printResources(const Resources &resources,
                           const llvm::StringSet<> &known,
                           llvm::raw_ostream &os) {
  bool isFirst = true;
  for (const auto &[key, value] : resources) {
    const AsmResourceBlob *blob = value.getRawHandle().getBlob();
    if (!blob || known.contains(key))
      continue;
    os << (isFirst ? "\n{-#\n  dialect_resources: {\n    builtin: {\n" : ",\n");
    isFirst = false;
    char align[4];
    llvm::support::endian::write32le(align, uint32_t(blob->getDataAlignment()));
    os << "      ";
    // Keys that are no identifiers are strings.
    bool isPlain =
        !key.empty() && (llvm::isAlpha(key[0]) || key[0] == '_') &&
        llvm::all_of(key, [](char c) {
          return llvm::isAlnum(c) || c == '_' || c == '$' || c == '.';
        });
    if (isPlain) {
      os << key;
    } else {
      os << '"';
      llvm::printEscapedString(key, os);
      os << '"';
    }
    os << ": \"0x" << llvm::toHex(StringRef(align, 4))
       << llvm::toHex(StringRef(blob->getData().data(), blob->getData().size()))
       << '"';
  }
  if (!isFirst)
    os << "\n    }\n  }\n#-}\n";
}

std::string hybridc::printModule(ModuleOp module, const TextWeights &weights,
                                 bool locations, const KnownWeights &known) {
  std::string out;
  llvm::raw_string_ostream os(out);
  OpPrintingFlags flags;
  flags.elideLargeResourceString(0); // those are printed below, or not at all
  bool isLeftOut = weights.mode == TextWeights::Mode::LeftOut;
  if (isLeftOut)
    flags.elideLargeElementsAttrs(kShortText);
  if (locations)
    flags.enableDebugInfo(true, false);
  bool isBeside = weights.mode == TextWeights::Mode::Beside;
  bool hasKnown = !isLeftOut && !isBeside && !known.keys.empty();
  if (isBeside || hasKnown)
    module->setAttr(hyb::kWeightsAttr,
                    StringAttr::get(module.getContext(),
                                    isBeside ? weights.file : known.file));
  module->print(os, flags);
  module->removeAttr(hyb::kWeightsAttr);
  if (isBeside)
    return out;
  Resources resources;
  collectResources(module, resources);
  llvm::StringSet<> elsewhere;
  if (isLeftOut)
    resources.remove_if([](const auto &pair) {
      return pair.second.getNumElements() > kShortText;
    });
  else
    for (const std::string &key : known.keys)
      elsewhere.insert(key);
  printResources(resources, elsewhere, os);
  return out;
}

/// How NumPy calls the elements; types that it does not have are bytes.
static void setType(NpyArray &array, DenseResourceElementsAttr value) {
  Type element = value.getElementType();
  std::optional<stream::DType> dtype = tryDTypeOf(element);
  size_t size = dtype ? stream::sizeOf(*dtype) : 1;
  array.shape.assign(value.getType().getShape().begin(),
                     value.getType().getShape().end());
  array.itemBytes = static_cast<unsigned>(size);
  array.kind = element.isInteger(1)                                    ? 'b'
               : element.isF16() || element.isF32() || element.isF64() ? 'f'
               : element.isSignlessInteger()                           ? 'i'
                                                                       : 'u';
  if (array.bytes.size() != size_t(value.getNumElements()) * size) {
    array.shape = {static_cast<int64_t>(array.bytes.size())};
    array.itemBytes = 1;
    array.kind = 'u';
  }
}

Status hybridc::writeWeights(const Resources &resources,
                             const std::string &path) {
  std::vector<NpyArray> arrays;
  for (const auto &[key, value] : resources) {
    const AsmResourceBlob *blob = value.getRawHandle().getBlob();
    if (!blob)
      continue;
    NpyArray array;
    array.name = key.str();
    array.bytes.resize(blob->getData().size());
    if (!array.bytes.empty())
      std::memcpy(array.bytes.data(), blob->getData().data(),
                  array.bytes.size());
    setType(array, value);
    arrays.push_back(std::move(array));
  }
  return writeNpz(path, arrays);
}

/// The archive that holds what the text does not; "" when none is named.
static std::string archiveOf(ModuleOp module, const std::string &textPath,
                             const std::string &file) {
  auto named = module->getAttrOfType<StringAttr>(hyb::kWeightsAttr);
  module->removeAttr(hyb::kWeightsAttr);
  if (!file.empty() || !named)
    return file;
  std::filesystem::path path(named.str());
  std::error_code failed;
  auto beside = std::filesystem::path(textPath).parent_path() / path;
  return path.is_absolute() || !std::filesystem::exists(beside, failed)
             ? path.string()
             : beside.string();
}

static std::string typeText(DenseResourceElementsAttr value) {
  std::string text;
  llvm::raw_string_ostream(text) << value.getType();
  return text;
}

Result<KnownWeights> hybridc::readWeights(ModuleOp module,
                                          const std::string &textPath,
                                          const std::string &file) {
  KnownWeights known;
  known.file = archiveOf(module, textPath, file);
  std::vector<NpyArray> arrays;
  if (!known.file.empty()) {
    auto read = readNpz(known.file);
    if (!read)
      return Error{read.error().code,
                   textPath + ": weights: " + read.error().message};
    arrays = std::move(*read);
  }
  llvm::StringMap<const NpyArray *> byName;
  for (const NpyArray &array : arrays)
    byName[array.name] = &array;
  for (DenseResourceElementsAttr value : resourceUses(module)) {
    StringRef key = value.getRawHandle().getKey();
    auto *entry = value.getRawHandle().getResource();
    std::optional<stream::DType> dtype = tryDTypeOf(value.getElementType());
    size_t want =
        size_t(value.getNumElements()) * (dtype ? stream::sizeOf(*dtype) : 0);
    std::string weight =
        textPath + ": weight '" + key.str() + "' (" + typeText(value) + ")";
    if (!dtype)
      return Error{ExitCode::Unsupported,
                   weight + ": no memory of the chip holds such elements"};
    if (!entry->getBlob()) {
      auto found = byName.find(key);
      if (found == byName.end())
        return invalidInput(
            (key == kElided ? textPath + ": a weight (" + typeText(value) + ")"
                            : weight) +
            ": its bytes are left out of the text" +
            (known.file.empty()
                 ? ""
                 : ", and '" + known.file + "' does not hold them") +
            "; text that compiles on is written with --weights FILE.npz "
            "(and read with it) or --weights inline");
      const auto &bytes = found->second->bytes;
      entry->setBlob(HeapAsmResourceBlob::allocateAndCopyWithAlign(
          {reinterpret_cast<const char *>(bytes.data()), bytes.size()}, 64));
      known.keys.push_back(key.str());
    }
    if (entry->getBlob()->getData().size() != want)
      return invalidInput(weight + ": has " +
                          std::to_string(entry->getBlob()->getData().size()) +
                          " bytes, its type needs " + std::to_string(want));
  }
  return known;
}

std::string hybridc::pathFromText(const std::string &weights,
                                  const std::string &textPath) {
  if (textPath.empty() || textPath == "-")
    return weights;
  std::error_code failed;
  auto folder = std::filesystem::absolute(textPath, failed).parent_path();
  auto path = std::filesystem::absolute(weights, failed);
  auto relative = path.lexically_relative(folder);
  return failed || relative.empty() ? path.string() : relative.string();
}
