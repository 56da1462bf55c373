//===- CmdDialect.cpp - The command level ---------------------------------===//
#include "hybridc/Dialect/Cmd/IR/Cmd.h"
#include "hybridc/Dialect/Tile/IR/Tile.h"
#include "hybridc/Stream/CommandSpec.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace hybridc::cmd;
namespace stream = hybridc::stream;

#include "hybridc/Dialect/Cmd/IR/CmdDialect.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "hybridc/Dialect/Cmd/IR/CmdAttrs.cpp.inc"
#define GET_OP_CLASSES
#include "hybridc/Dialect/Cmd/IR/CmdOps.cpp.inc"

void CmdDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "hybridc/Dialect/Cmd/IR/CmdAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "hybridc/Dialect/Cmd/IR/CmdOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// ViewAttr: <sram f32 at 4096 [4, 6] strides [6, 1] steps []>
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

Attribute ViewAttr::parse(AsmParser &parser, Type) {
  StringRef space, type;
  uint64_t address;
  SmallVector<int64_t> shape, strides, steps;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseKeyword(&space) ||
      parser.parseKeyword(&type) || parser.parseKeyword("at") ||
      parser.parseInteger(address) || parseList(parser, shape) ||
      parser.parseKeyword("strides") || parseList(parser, strides) ||
      parser.parseKeyword("steps") || parseList(parser, steps) ||
      parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    space, type, address, shape, strides, steps);
}

void ViewAttr::print(AsmPrinter &printer) const {
  auto list = [&](ArrayRef<int64_t> values) {
    printer << '[';
    llvm::interleaveComma(values, printer);
    printer << ']';
  };
  printer << '<' << getSpace() << ' ' << getType() << " at " << getAddress()
          << ' ';
  list(getShape());
  printer << " strides ";
  list(getStrides());
  printer << " steps ";
  list(getSteps());
  printer << '>';
}

LogicalResult ViewAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               StringRef space, StringRef type, uint64_t,
                               ArrayRef<int64_t> shape,
                               ArrayRef<int64_t> strides, ArrayRef<int64_t>) {
  stream::DType dtype;
  if (space != "dram" && space != "sram")
    return emitError() << "unknown memory space '" << space << "'";
  if (!stream::parseDType(std::string_view(type.data(), type.size()), dtype))
    return emitError() << "unknown element type '" << type << "'";
  if (shape.size() != strides.size())
    return emitError() << "a view needs one stride a dimension";
  if (llvm::any_of(shape, [](int64_t extent) { return extent < 0; }))
    return emitError() << "a view cannot have a negative extent";
  return success();
}

stream::View hybridc::cmd::toStream(ViewAttr view) {
  stream::View out;
  out.space =
      view.getSpace() == "dram" ? stream::Space::Dram : stream::Space::Sram;
  stream::parseDType({view.getType().data(), view.getType().size()}, out.type);
  out.address = view.getAddress();
  out.shape.assign(view.getShape().begin(), view.getShape().end());
  out.strides.assign(view.getStrides().begin(), view.getStrides().end());
  out.steps.assign(view.getSteps().begin(), view.getSteps().end());
  return out;
}

ViewAttr hybridc::cmd::fromStream(MLIRContext *context,
                                  const stream::View &view) {
  std::string_view type = stream::nameOf(view.type);
  return ViewAttr::get(context,
                       view.space == stream::Space::Dram ? "dram" : "sram",
                       StringRef(type.data(), type.size()), view.address,
                       view.shape, view.strides, view.steps);
}

FailureOr<stream::Command> hybridc::cmd::toStream(DoOp op) {
  stream::Command command;
  if (!stream::parseOp(op.getCommand(), command.op))
    return op.emitOpError("unknown command '") << op.getCommand() << "'";
  auto views = [&](ArrayAttr list, std::vector<stream::View> &out) {
    for (Attribute attr : list) {
      auto view = dyn_cast<ViewAttr>(attr);
      if (!view)
        return failure();
      out.push_back(toStream(view));
    }
    return success();
  };
  if (failed(views(op.getIns(), command.ins)) ||
      failed(views(op.getOuts(), command.outs)))
    return op.emitOpError("operands must be #cmd.view");
  if (failed(tile::attributesToStream(op.getAttrs(), command.attrs,
                                      [&] { return op.emitOpError(); })))
    return failure();
  for (Attribute attr : op.getWaits()) {
    auto wait = dyn_cast<WaitAttr>(attr);
    if (!wait)
      return op.emitOpError("waits must be #cmd.wait");
    command.waits.push_back({wait.getId(),
                             wait.getValue(),
                             {wait.getSteps().begin(), wait.getSteps().end()}});
  }
  for (int32_t id : op.getSignals())
    command.signals.push_back(static_cast<uint32_t>(id));
  if (op.getOrigin() > std::numeric_limits<uint32_t>::max())
    return op.emitOpError("origin ") << op.getOrigin() << " is out of range";
  command.origin = static_cast<uint32_t>(op.getOrigin());
  return command;
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

LogicalResult DoOp::verify() {
  auto command = toStream(*this);
  if (failed(command))
    return failure();
  std::string problem = stream::checkCommand(*command);
  if (!problem.empty())
    return emitOpError() << getCommand() << ": " << problem;
  return success();
}

LogicalResult SegmentDataOp::verify() {
  if (!llvm::is_contained({"scratch", "constant", "state"}, getKind()))
    return emitOpError("unknown kind '") << getKind() << "'";
  return success();
}

LogicalResult BindingOp::verify() {
  if (getDirection() != "input" && getDirection() != "output")
    return emitOpError("direction must be input or output");
  return success();
}

LogicalResult LoopOp::verify() {
  if (getTrip().size() > 1 || getCondition().size() > 1)
    return emitOpError("takes at most one trip count and one condition");
  for (ArrayAttr list : {getTrip(), getCondition()})
    if (!llvm::all_of(list, llvm::IsaPred<ViewAttr>))
      return emitOpError("operands must be #cmd.view");
  return success();
}
