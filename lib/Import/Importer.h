//===- Importer.h - Walks an ONNX graph and builds hyb --------*- C++ -*-===//
#ifndef HYBRIDC_LIB_IMPORT_IMPORTER_H
#define HYBRIDC_LIB_IMPORT_IMPORTER_H

#include "Node.h"
#include "Weights.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

#include <unordered_map>

namespace hybridc::import {

/// Values by name; a subgraph sees those of the graphs around it.
struct Scope {
  Scope *parent = nullptr;
  llvm::StringMap<Value> values;
  llvm::StringMap<Sequence> sequences;
  /// Initialisers are made when they are used.
  llvm::StringMap<const onnx::TensorProto *> tensors;
  llvm::StringMap<const onnx::SparseTensorProto *> sparse;
};

/// The function whose body is being imported, or the model.
struct Frame {
  Frame *caller = nullptr;
  int opset = 0;
  std::string prefix; ///< of node names: "call/"
  /// Inside the body of a standard op: its nodes are located at the op.
  std::optional<Location> fixed;
  std::string fixedName;
  std::string fixedOp;
  /// The attributes that the body refers to.
  std::unordered_map<std::string, const onnx::AttributeProto *> attributes;
};

class Importer {
public:
  Importer(mlir::MLIRContext *context, const std::shared_ptr<Model> &model,
           std::vector<std::string> &remarks);

  mlir::OwningOpRef<mlir::ModuleOp> run();

  mlir::MLIRContext *context;
  std::shared_ptr<Model> model;
  mlir::OpBuilder b;
  std::vector<std::string> &remarks; ///< what the user is told
  int depth = 0; ///< of functions and subgraphs inside each other

  /// What is called `name`, if anything is.
  std::optional<Item> lookup(Scope &scope, const std::string &name);
  /// Calls `item` so; what is made of empty tensors is located at `loc`, or
  /// where they come from.
  void bind(Scope &scope, const std::string &name, Item item,
            std::optional<Location> loc = {});
  /// Imports the nodes of a (sub)graph at the builder's place and returns its
  /// outputs. `inputs` are bound to the graph's inputs, which may be fewer.
  Items importItems(const onnx::GraphProto &graph, Scope *parent, Frame &frame,
                    Items inputs);
  /// The same of tensors alone.
  SmallVector<Value> importGraph(const onnx::GraphProto &graph, Scope *parent,
                                 Frame &frame, ValueRange inputs);
  /// Tensors without elements have one value only: as constants they fold, and
  /// no phase after this one computes or moves nothing.
  Value emptyAsConstant(Value value, Location loc);
  /// A hyb.constant at the start of the function; equal ones are one.
  Value constant(ElementsAttr value, Location loc);
  ElementsAttr convert(const onnx::TensorProto &tensor, llvm::StringRef name) {
    return weights.convert(tensor, name);
  }
  ElementsAttr convert(const onnx::SparseTensorProto &tensor) {
    return weights.convert(tensor);
  }
  RankedTensorType importType(const onnx::TypeProto &type,
                              const std::string &what);

private:
  Weights weights;
  mlir::Block *entry = nullptr;
  mlir::Operation *lastConstant = nullptr;
  llvm::DenseMap<mlir::Attribute, Value> constants;
  std::unordered_map<std::string, const onnx::FunctionProto *> functions;

  void bindInitializers(const onnx::GraphProto &graph, Scope &scope);
  void importNode(const onnx::NodeProto &proto, int index, Scope &scope,
                  Frame &frame);
  void importFunction(Node &node, const onnx::FunctionProto &function,
                      bool standard);
  bool importStandardFunction(Node &node);
  void checkOutputs(ValueRange results);
};

/// Erases ops without effects that nothing uses, innermost first.
void eraseDeadOps(mlir::Block &block);

} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_IMPORTER_H
