//===- Node.h - One ONNX node while it is imported ------------*- C++ -*-===//
//
// What the importer of an op sees: the node's inputs, attributes and opset,
// and functions that emit `hyb` ops at its location and fold them.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_IMPORT_NODE_H
#define HYBRIDC_LIB_IMPORT_NODE_H

#include "Failure.h"
#include "Fold.h"
#include "Onnx.h"
#include "Scalars.h"

#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include "mlir/IR/Builders.h"

#include <optional>
#include <string>
#include <vector>

namespace hybridc::import {

using llvm::ArrayRef;
using llvm::SmallVector;
using mlir::AffineMap;
using mlir::ElementsAttr;
using mlir::FloatType;
using mlir::Location;
using mlir::RankedTensorType;
using mlir::Type;
using mlir::Value;
using mlir::ValueRange;
using Ints = SmallVector<int64_t>;
/// What a sequence holds, known at compile time.
using Sequence = std::vector<Value>;
/// What a name stands for: a tensor, or a sequence of them.
struct Item {
  Value value;
  std::optional<Sequence> sequence;

  Item(Value value) : value(value) {}
  Item(Sequence sequence) : sequence(std::move(sequence)) {}
};
using Items = std::vector<Item>;

class Importer;
struct Frame;
struct Scope;

class Node {
public:
  using Body = llvm::function_ref<Value(Scalars &, ValueRange)>;

  Node(Importer &importer, Scope &scope, Frame &frame,
       const onnx::NodeProto &proto, std::string name, Location loc);

  Importer &importer;
  Scope &scope;
  Frame &frame;
  const onnx::NodeProto &proto;
  std::string name;
  Location loc;
  mlir::OpBuilder &b;
  int opset; ///< of the standard domain, where the node stands

  //===-- inputs and outputs ----------------------------------------------===//
  int numInputs() const { return proto.input_size(); }
  int numOutputs() const { return proto.output_size(); }
  bool has(int i) const { return i < numInputs() && !proto.input(i).empty(); }
  /// Whether the model names output `i`.
  bool wants(int i) const {
    return i < numOutputs() && !proto.output(i).empty();
  }
  Value in(int i); ///< must be there
  Value inOrNull(int i) { return has(i) ? in(i) : Value(); }
  /// All inputs, which must all be there.
  SmallVector<Value> allInputs();
  Sequence inSequence(int i); ///< must be there
  Item inItem(int i);         ///< must be there
  void out(int i, Value value) { outItem(i, value); }
  void outSequence(int i, Sequence values) { outItem(i, std::move(values)); }
  void outItem(int i, Item item);

  //===-- attributes ------------------------------------------------------===//
  const onnx::AttributeProto *find(llvm::StringRef attribute) const;
  bool hasAttr(llvm::StringRef attribute) const { return find(attribute); }
  int64_t intAttr(llvm::StringRef attribute, int64_t fallback) const;
  double floatAttr(llvm::StringRef attribute, double fallback) const;
  std::string stringAttr(llvm::StringRef attribute,
                         llvm::StringRef fallback) const;
  /// Empty when absent.
  Ints intsAttr(llvm::StringRef attribute) const;
  std::vector<double> floatsAttr(llvm::StringRef attribute) const;
  std::vector<std::string> stringsAttr(llvm::StringRef attribute) const;

  //===-- constants -------------------------------------------------------===//
  /// The constant that `value` is, or null.
  static ElementsAttr constantOf(Value value);
  static std::optional<Ints> constantInts(Value value);
  static std::optional<std::vector<double>> constantFloats(Value value);
  /// Integers of input `i`, which must be constant: `what` names it.
  Ints requireInts(int i, llvm::StringRef what);
  /// Axes or the like: input `i` when there is one, else attribute `name`.
  std::optional<Ints> intsFrom(int i, llvm::StringRef attribute);
  /// The only element of a constant, or nothing.
  static std::optional<Scalar> constantScalar(Value value);

  //===-- errors ----------------------------------------------------------===//
  [[noreturn]] void unsupported(const std::string &reason) const;
  [[noreturn]] void invalid(const std::string &reason) const;
  std::string describe() const;

  //===-- types -----------------------------------------------------------===//
  static RankedTensorType typeOf(Value v) {
    return mlir::cast<RankedTensorType>(v.getType());
  }
  static Type elem(Value v) { return typeOf(v).getElementType(); }
  static ArrayRef<int64_t> shapeOf(Value v) { return typeOf(v).getShape(); }
  static int64_t rankOf(Value v) { return typeOf(v).getRank(); }
  static bool isFloat(Value v) { return mlir::isa<FloatType>(elem(v)); }
  /// Checks extents and their product.
  RankedTensorType tensor(ArrayRef<int64_t> shape, Type element) const;
  /// `axis` counted from the front; refused when out of range. `rank` is
  /// inclusive of one-past-the-end when `orEnd`.
  int64_t axisOf(int64_t axis, int64_t rank, bool orEnd = false) const;
  /// Sorted, distinct, counted from the front.
  Ints axesOf(ArrayRef<int64_t> axes, int64_t rank) const;
  Ints broadcast(ValueRange values) const;
  Type f32() { return b.getF32Type(); }
  Type i64() { return b.getI64Type(); }

  //===-- emitting --------------------------------------------------------===//
  template <typename Op, typename... Args> Value emit(Args &&...args) {
    return finish(Op::create(b, loc, std::forward<Args>(args)...));
  }
  /// Verifies an op that was just created, and folds it.
  Value finish(mlir::Operation *op);
  void check(mlir::Operation *op);

  Value constant(ElementsAttr value);
  Value splat(ArrayRef<int64_t> shape, Type element, double value);
  Value ints(ArrayRef<int64_t> values); ///< tensor<nxi64>
  Value floats(ArrayRef<double> values, Type element);

  /// Element by element, inputs broadcast onto `type`. Inputs that are one
  /// value everywhere become constants of the region.
  Value map(RankedTensorType type, ValueRange inputs, Body body);
  Value map(RankedTensorType type, ValueRange inputs, ArrayRef<AffineMap> maps,
            Body body);
  /// As map on the broadcast shape, with the element type of the first input;
  /// f16 and bf16 compute in f32 inside and round once.
  Value mapWide(ValueRange inputs, Body body);
  /// The map by which a tensor with the extents of dimension `dim` alone (a
  /// bias) is read, for a result of rank `rank`.
  AffineMap along(int64_t dim, int64_t rank);
  AffineMap identity(int64_t rank);
  /// x op c, where c has the extent of dimension `dim` of x.
  Value mapAlong(Value x, ValueRange perDim, int64_t dim, Body body);

  Value cast(Value x, Type element);
  Value add(Value x, Value y);
  Value sub(Value x, Value y);
  Value mul(Value x, Value y);
  Value div(Value x, Value y);
  Value reshape(Value x, ArrayRef<int64_t> shape);
  Value transpose(Value x, ArrayRef<int64_t> perm);
  Value expand(Value x, ArrayRef<int64_t> shape);
  /// With a new axis of extent 1, and without one that there is.
  Value withAxis(Value x, int64_t axis);
  Value withoutAxis(Value x, int64_t axis);
  Value slice(Value x, ArrayRef<int64_t> offsets, ArrayRef<int64_t> sizes,
              ArrayRef<int64_t> steps = {});
  /// Indices [from, from + size) of one axis.
  Value sliceAxis(Value x, int64_t axis, int64_t from, int64_t size);
  Value concat(ValueRange values, int64_t axis);
  Value matmul(Value a, Value b, Type element = {});
  /// Axes keep extent 1 with `keep`, else go away.
  Value reduce(hyb::ReduceKind kind, Value x, ArrayRef<int64_t> axes,
               bool keep);
  Value pad(Value x, ArrayRef<int64_t> low, ArrayRef<int64_t> high,
            double value);
  SmallVector<Value> host(llvm::StringRef kernel, ValueRange inputs,
                          ArrayRef<RankedTensorType> results,
                          ArrayRef<mlir::NamedAttribute> attributes);
  mlir::NamedAttribute named(llvm::StringRef name, int64_t value);
  mlir::NamedAttribute named(llvm::StringRef name, double value);
  mlir::NamedAttribute named(llvm::StringRef name, llvm::StringRef value);
  mlir::NamedAttribute named(llvm::StringRef name, ArrayRef<int64_t> value);
  mlir::NamedAttribute named(llvm::StringRef name, ArrayRef<double> value);
};

} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_NODE_H
