//===- Sequence.cpp - Sequences of tensors, known at compile time ---------===//
//
// A program holds tensors alone. A sequence whose length and positions are
// known while the model is imported is a list of values; nothing is left of it.
//
//===----------------------------------------------------------------------===//

#include "../Importer.h"
#include "../Table.h"

using namespace mlir;

namespace hybridc::import {
namespace {

/// Input `i`, a position in a sequence of `size`, counted from the front; `end`
/// positions are there.
int64_t positionOf(Node &n, int i, int64_t size, int64_t end) {
  Ints given = n.requireInts(i, "the position");
  if (given.size() != 1)
    n.invalid("the position must be one integer");
  int64_t position = given[0] < 0 ? given[0] + size : given[0];
  if (position < 0 || position >= end)
    n.invalid(fmt::format("position {} is outside of a sequence of {} tensors",
                          given[0], size));
  return position;
}

void importEmpty(Node &n) { n.outSequence(0, {}); }

void importConstruct(Node &n) {
  SmallVector<Value> values = n.allInputs();
  n.outSequence(0, Sequence(values.begin(), values.end()));
}

void importInsert(Node &n) {
  Sequence values = n.inSequence(0);
  auto size = static_cast<int64_t>(values.size());
  int64_t position = n.has(2) ? positionOf(n, 2, size, size + 1) : size;
  values.insert(values.begin() + position, n.in(1));
  n.outSequence(0, std::move(values));
}

void importErase(Node &n) {
  Sequence values = n.inSequence(0);
  auto size = static_cast<int64_t>(values.size());
  if (size == 0)
    n.invalid("the sequence is empty");
  values.erase(values.begin() +
               (n.has(1) ? positionOf(n, 1, size, size) : size - 1));
  n.outSequence(0, std::move(values));
}

void importAt(Node &n) {
  Sequence values = n.inSequence(0);
  auto size = static_cast<int64_t>(values.size());
  n.out(0, values[positionOf(n, 1, size, size)]);
}

void importLength(Node &n) {
  auto size = static_cast<int64_t>(n.inSequence(0).size());
  n.out(0, n.reshape(n.ints({size}), {}));
}

/// Along an axis that is there, or a new one.
void importConcat(Node &n) {
  Sequence values = n.inSequence(0);
  if (values.empty())
    n.invalid("the sequence is empty");
  bool isNew = n.intAttr("new_axis", 0) != 0;
  int64_t rank = Node::rankOf(values[0]) + isNew;
  for (Value value : values)
    if (Node::rankOf(value) + isNew != rank)
      n.invalid("the tensors of the sequence have different ranks");
  int64_t axis = n.axisOf(n.intAttr("axis", 0), rank);
  if (isNew)
    for (Value &value : values)
      value = n.withAxis(value, axis);
  n.out(0, n.concat(values, axis));
}

/// Parts of one extent each (and without the axis, if it is not kept), of a
/// given extent, the last possibly smaller, or of given extents.
void importSplit(Node &n) {
  Value x = n.in(0);
  if (Node::rankOf(x) == 0)
    n.invalid("a scalar cannot be split");
  int64_t axis = n.axisOf(n.intAttr("axis", 0), Node::rankOf(x));
  int64_t extent = Node::shapeOf(x)[axis];
  Ints sizes;
  bool isScalar = !n.has(1) || Node::rankOf(n.in(1)) == 0;
  if (isScalar) {
    int64_t size = n.has(1) ? n.requireInts(1, "the extent of parts")[0] : 1;
    if (size < 1)
      n.invalid("the extent of a part is not positive");
    for (int64_t left = extent; left > 0; left -= sizes.back())
      sizes.push_back(std::min(size, left));
  } else {
    sizes = n.requireInts(1, "the extents of parts");
  }
  Sequence parts;
  int64_t from = 0;
  for (int64_t size : sizes) {
    if (size < 0 || size > extent - from)
      n.invalid("the parts do not add up to the extent of the axis");
    parts.push_back(n.sliceAxis(x, axis, from, size));
    from += size;
  }
  if (from != extent)
    n.invalid("the parts do not add up to the extent of the axis");
  if (!n.has(1) && n.intAttr("keepdims", 1) == 0)
    for (Value &part : parts)
      part = n.withoutAxis(part, axis);
  n.outSequence(0, std::move(parts));
}

/// The body once for each element; further inputs that are sequences go along,
/// tensors are the same each time.
void importMap(Node &n) {
  const auto *body = n.find("body");
  if (!body || !body->has_g())
    n.invalid("the graph body is missing");
  Sequence first = n.inSequence(0);
  std::vector<Sequence> outputs(n.numOutputs());
  for (size_t k = 0; k < first.size(); ++k) {
    SmallVector<Value> inputs{first[k]};
    for (int i = 1; i < n.numInputs(); ++i) {
      Item more = n.inItem(i);
      if (more.sequence && more.sequence->size() != first.size())
        n.invalid("the sequences have different lengths");
      inputs.push_back(more.sequence ? (*more.sequence)[k] : more.value);
    }
    SmallVector<Value> results =
        n.importer.importGraph(body->g(), &n.scope, n.frame, inputs);
    if (results.size() < outputs.size())
      n.invalid("the body has fewer outputs than the node");
    for (size_t i = 0; i < outputs.size(); ++i)
      outputs[i].push_back(results[i]);
  }
  for (auto [i, output] : llvm::enumerate(outputs))
    n.outSequence(static_cast<int>(i), std::move(output));
}

constexpr OpRow rows[] = {
    {"ConcatFromSequence", 11, "concat", "", importConcat},
    {"SequenceAt", 11, "the tensor", "a position known only at run time",
     importAt},
    {"SequenceConstruct", 11, "nothing: a list of tensors", "",
     importConstruct},
    {"SequenceEmpty", 11, "nothing: a list of tensors", "", importEmpty},
    {"SequenceErase", 11, "nothing: a list of tensors",
     "a position known only at run time", importErase},
    {"SequenceInsert", 11, "nothing: a list of tensors",
     "a position known only at run time", importInsert},
    {"SequenceLength", 11, "constant", "", importLength},
    {"SequenceMap", 17, "its body, once for each tensor", "", importMap},
    {"SplitToSequence", 11, "slice", "extents known only at run time",
     importSplit},
};
} // namespace

OpFamily sequenceOps() { return {"Sequences", rows}; }

} // namespace hybridc::import
