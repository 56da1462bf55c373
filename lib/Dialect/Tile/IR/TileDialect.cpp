//===- TileDialect.cpp - The buffer level ---------------------------------===//
#include "hybridc/Dialect/Tile/IR/Tile.h"
#include "hybridc/Stream/CommandSpec.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace hybridc::tile;
namespace stream = hybridc::stream;

#include "hybridc/Dialect/Tile/IR/TileDialect.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "hybridc/Dialect/Tile/IR/TileTypes.cpp.inc"
#define GET_OP_CLASSES
#include "hybridc/Dialect/Tile/IR/TileOps.cpp.inc"

void TileDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "hybridc/Dialect/Tile/IR/TileTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "hybridc/Dialect/Tile/IR/TileOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

int64_t hybridc::tile::sizeOf(Type type) {
  auto dtype = tryDTypeOf(type);
  return dtype ? stream::sizeOf(*dtype) : 0;
}

//===----------------------------------------------------------------------===//
// ViewType: <sram f32 [4, 6] strides [6, 1] offset 0>
//===----------------------------------------------------------------------===//

static ParseResult parseList(AsmParser &parser,
                             SmallVectorImpl<int64_t> &list) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square,
                                        [&]() -> ParseResult {
                                          int64_t value;
                                          if (parser.parseInteger(value))
                                            return failure();
                                          list.push_back(value);
                                          return success();
                                        });
}

Type ViewType::parse(AsmParser &parser) {
  StringRef space;
  Type element;
  SmallVector<int64_t> shape, strides;
  int64_t offset;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseKeyword(&space) ||
      parser.parseType(element) || parseList(parser, shape) ||
      parser.parseKeyword("strides") || parseList(parser, strides) ||
      parser.parseKeyword("offset") || parser.parseInteger(offset) ||
      parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    space, element, shape, strides, offset);
}

void ViewType::print(AsmPrinter &printer) const {
  auto list = [&](ArrayRef<int64_t> values) {
    printer << '[';
    llvm::interleaveComma(values, printer);
    printer << ']';
  };
  printer << '<' << getSpace() << ' ' << getElementType() << ' ';
  list(getShape());
  printer << " strides ";
  list(getStrides());
  printer << " offset " << getOffset() << '>';
}

LogicalResult ViewType::verify(function_ref<InFlightDiagnostic()> emitError,
                               StringRef space, Type elementType,
                               ArrayRef<int64_t> shape,
                               ArrayRef<int64_t> strides, int64_t offset) {
  if (space != "dram" && space != "sram")
    return emitError() << "unknown memory space '" << space << "'";
  if (!tryDTypeOf(elementType))
    return emitError() << "no memory holds elements of type " << elementType;
  if (shape.size() != strides.size())
    return emitError() << "a view needs one stride a dimension";
  if (llvm::any_of(shape, [](int64_t extent) { return extent < 0; }))
    return emitError() << "a view cannot have a negative extent";
  if (offset < 0)
    return emitError() << "a view cannot start before its buffer";
  return success();
}

int64_t ViewType::getNumElements() const {
  int64_t count = 1;
  for (int64_t extent : getShape())
    count *= extent;
  return count;
}

int64_t ViewType::getDenseBytes() const {
  return getNumElements() * sizeOf(getElementType());
}

ViewType ViewType::getDense(StringRef space, Type elementType,
                            ArrayRef<int64_t> shape) {
  SmallVector<int64_t> dims(shape);
  std::vector<int64_t> strides =
      stream::rowMajorStrides({dims.begin(), dims.end()});
  return get(elementType.getContext(), space, elementType, shape, strides, 0);
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

LogicalResult BufferOp::verify() {
  if (!llvm::is_contained({"input", "output", "scratch", "state"}, getKind()))
    return emitOpError("unknown kind '") << getKind() << "'";
  if (!getView().getType().isDram() && getKind() != "scratch")
    return emitOpError("a scratchpad buffer is always scratch");
  if (getView().getType().getOffset() != 0)
    return emitOpError("a buffer starts at offset 0");
  if (getAddress() && static_cast<int64_t>(*getAddress()) < 0)
    return emitOpError("has a negative address");
  return success();
}

LogicalResult ConstantOp::verify() {
  auto type = dyn_cast<RankedTensorType>(getValue().getType());
  ViewType view = getView().getType();
  if (!type || view != ViewType::getDense("dram", type.getElementType(),
                                          type.getShape()))
    return emitOpError("the view must be the dense box of the value in dram");
  return success();
}

LogicalResult SubviewOp::verify() {
  if (getCounters().size() != getSteps().size())
    return emitOpError("needs one step a counter");
  ViewType from = getSource().getType(), to = getView().getType();
  if (from.getSpace() != to.getSpace() ||
      from.getElementType() != to.getElementType())
    return emitOpError("must keep the memory space and the element type");
  return success();
}

LogicalResult LoopOp::verify() {
  if (static_cast<int64_t>(getMax()) < 0)
    return emitOpError("max is negative");
  if (getTrip().size() > 1 || getCondition().size() > 1)
    return emitOpError("takes at most one trip count and one condition");
  Block &block = getBody().front();
  if (block.getNumArguments() != 1 || !block.getArgument(0).getType().isIndex())
    return emitOpError("the body has one argument, the counter");
  return success();
}

static stream::View shapeOnly(Value value) {
  auto type = cast<ViewType>(value.getType());
  stream::View view;
  view.space = type.isDram() ? stream::Space::Dram : stream::Space::Sram;
  view.type = *hybridc::tryDTypeOf(type.getElementType());
  view.shape.assign(type.getShape().begin(), type.getShape().end());
  view.strides.assign(type.getStrides().begin(), type.getStrides().end());
  return view;
}

LogicalResult DoOp::verify() {
  stream::Command command;
  if (!stream::parseOp(getCommand(), command.op))
    return emitOpError("unknown command '") << getCommand() << "'";
  for (Value operand : getIns())
    command.ins.push_back(shapeOnly(operand));
  for (Value operand : getOuts())
    command.outs.push_back(shapeOnly(operand));
  if (failed(attributesToStream(getAttrs(), command.attrs,
                                [&] { return emitOpError(); })))
    return failure();
  // Symbols become numbers on the way to `cmd`.
  auto number = [&](StringRef name, std::vector<int64_t> values) {
    stream::Attr attr;
    attr.name = name.str();
    attr.ints = std::move(values);
    auto at = llvm::lower_bound(
        command.attrs, attr,
        [](const auto &x, const auto &y) { return x.name < y.name; });
    command.attrs.insert(at, std::move(attr));
  };
  for (NamedAttribute attr : getAttrs()) {
    if (isa<SymbolRefAttr>(attr.getValue()))
      number(attr.getName(), {0});
    if (auto list = dyn_cast<ArrayAttr>(attr.getValue()))
      if (!list.empty() && isa<SymbolRefAttr>(list[0]))
        number(attr.getName(), std::vector<int64_t>(list.size(), 0));
  }
  std::string problem = stream::checkCommand(command);
  if (!problem.empty())
    return emitOpError() << getCommand() << ": " << problem;
  return success();
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

LogicalResult hybridc::tile::attributesToStream(
    DictionaryAttr attrs, std::vector<stream::Attr> &out,
    function_ref<InFlightDiagnostic()> emitError) {
  for (NamedAttribute named : attrs) {
    stream::Attr attr;
    attr.name = named.getName().str();
    Attribute value = named.getValue();
    auto isSymbols = [](Attribute attribute) {
      auto list = dyn_cast<ArrayAttr>(attribute);
      return isa<SymbolRefAttr>(attribute) ||
             (list && llvm::all_of(list, llvm::IsaPred<SymbolRefAttr>) &&
              !list.empty());
    };
    if (isSymbols(value))
      continue;
    if (auto integer = dyn_cast<IntegerAttr>(value)) {
      attr.ints = {integer.getType().isInteger(1)
                       ? static_cast<int64_t>(integer.getValue().getZExtValue())
                       : integer.getValue().getSExtValue()};
    } else if (auto list = dyn_cast<DenseI64ArrayAttr>(value)) {
      attr.ints.assign(list.asArrayRef().begin(), list.asArrayRef().end());
    } else if (auto number = dyn_cast<FloatAttr>(value)) {
      attr.kind = stream::AttrKind::Floats;
      attr.floats = {number.getValueAsDouble()};
    } else if (auto list = dyn_cast<DenseF64ArrayAttr>(value)) {
      attr.kind = stream::AttrKind::Floats;
      attr.floats.assign(list.asArrayRef().begin(), list.asArrayRef().end());
    } else if (auto list = dyn_cast<DenseF32ArrayAttr>(value)) {
      attr.kind = stream::AttrKind::Floats;
      attr.floats.assign(list.asArrayRef().begin(), list.asArrayRef().end());
    } else if (auto text = dyn_cast<StringAttr>(value)) {
      attr.kind = stream::AttrKind::Text;
      attr.text = text.str();
    } else if (isa<UnitAttr>(value)) {
      attr.ints = {1};
    } else {
      return emitError() << "attribute '" << named.getName()
                         << "' is neither an integer, a float, an array of "
                            "them nor a string";
    }
    out.push_back(std::move(attr));
  }
  llvm::sort(out, [](const auto &a, const auto &b) { return a.name < b.name; });
  return success();
}

DictionaryAttr
hybridc::tile::attributesFromStream(MLIRContext *context,
                                    const std::vector<stream::Attr> &attrs) {
  Builder builder(context);
  SmallVector<NamedAttribute> list;
  for (const stream::Attr &attr : attrs) {
    Attribute value;
    switch (attr.kind) {
    case stream::AttrKind::Ints:
      value = attr.ints.size() == 1
                  ? Attribute(builder.getI64IntegerAttr(attr.ints[0]))
                  : Attribute(builder.getDenseI64ArrayAttr(attr.ints));
      break;
    case stream::AttrKind::Floats:
      value = attr.floats.size() == 1
                  ? Attribute(builder.getF64FloatAttr(attr.floats[0]))
                  : Attribute(DenseF64ArrayAttr::get(context, attr.floats));
      break;
    case stream::AttrKind::Text:
      value = builder.getStringAttr(attr.text);
      break;
    }
    list.push_back(builder.getNamedAttr(attr.name, value));
  }
  return builder.getDictionaryAttr(list);
}

Operation *hybridc::tile::rootOf(Value view) {
  while (auto subview = view.getDefiningOp<SubviewOp>())
    view = subview.getSource();
  return view.getDefiningOp();
}
