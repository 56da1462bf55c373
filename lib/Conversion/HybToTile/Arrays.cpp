//===- Arrays.cpp - Weights into analog arrays ----------------------------===//
//
// A contraction W[K×N] is cut into array rows (K) and columns (N). Each cut is
// one array, written by a program_array command of the entry "program". Each
// column is scaled by the largest weight that it holds, which the digital side
// of the array multiplies back: small filters use the whole conductance range.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"

#include "hybridc/Dialect/Hyb/IR/Refuse.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;
using namespace hybridc;
using namespace hybridc::lower;

/// The bytes of an f32 constant; one element for a splat. Empty: not at hand.
static ArrayRef<char> bytesOf(ElementsAttr value, bool &isSplat) {
  isSplat = false;
  if (auto dense = dyn_cast<DenseElementsAttr>(value)) {
    isSplat = dense.isSplat();
    return dense.getRawData();
  }
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      return blob->getData();
  return {};
}

/// Rows × columns of `ref` from its first element on. The caller has checked
/// that the bytes are there.
static std::vector<float> valuesOf(ArrayRef<char> raw, bool isSplat,
                                   const Ref &ref, uint32_t rows,
                                   uint32_t cols) {
  std::vector<float> out(size_t(rows) * cols);
  for (size_t i = 0; i < out.size(); ++i) {
    int64_t k = i / cols, n = i % cols;
    int64_t at =
        isSplat ? 0 : ref.offset + k * ref.strides[0] + n * ref.strides[1];
    std::memcpy(&out[i], raw.data() + at * 4, 4);
  }
  return out;
}

/// Whether all elements of `ref` lie within `raw`.
static bool isInside(ArrayRef<char> raw, bool isSplat, const Ref &ref) {
  if (isSplat)
    return raw.size() >= 4;
  int64_t low = ref.offset, high = ref.offset;
  for (unsigned d = 0; d < 2; ++d) {
    int64_t reach = (ref.shape[d] - 1) * ref.strides[d];
    (reach < 0 ? low : high) += reach;
  }
  return low >= 0 && (high + 1) * 4 <= static_cast<int64_t>(raw.size());
}

/// Weights as a matrix [K, N]: output channels first or last.
static std::optional<Ref> asMatrix(Operation *contraction, const Ref &weights) {
  auto channels =
      cast<hyb::ContractionOpInterface>(contraction).getChannelDims().weights;
  if (channels != 0) {
    if (weights.shape.size() == 2)
      return weights;
    return std::nullopt;
  }
  int64_t k = 1;
  for (int64_t extent : ArrayRef<int64_t>(weights.shape).drop_front())
    k *= extent;
  if (auto flat = weights.reshaped({weights.shape[0], k}))
    return weights.with(flat->transposed({1, 0}));
  return std::nullopt;
}

FailureOr<ArraySet> Lowering::placeWeights(Operation *contraction,
                                           const Ref &weights, StringRef kind,
                                           Operation *anchor) {
  const chip::ArrayKind *arrays = chip.findArray({kind.data(), kind.size()});
  auto constant = weights.buffer.getDefiningOp<tile::ConstantOp>();
  if (!arrays)
    return hyb::refuseUnsupported(anchor)
           << "chip '" << chip.name << "' has no arrays called '" << kind
           << "'";
  if (!constant || !weights.element.isF32() || !weights.steps.empty())
    return hyb::refuseUnsupported(anchor)
           << "arrays hold constant f32 weights only; --place "
              "NODE=mac would help";
  std::optional<Ref> matrix = asMatrix(contraction, weights);
  if (!matrix)
    return hyb::refuseUnsupported(anchor)
           << "its weights are not one matrix; --place NODE=mac would help";

  bool isSplat = false;
  ArrayRef<char> raw = bytesOf(constant.getValue(), isSplat);
  if (!isInside(raw, isSplat, *matrix))
    return hyb::refuseUnsupported(anchor)
           << "the bytes of its weights are not at hand";
  ArraySet set;
  OpBuilder::InsertionGuard guard(builder);
  tile::EntryOp program = entryOfArrays(programEntry, "program", anchor);
  // Boxes still to be placed; the last is next. A box that no array holds
  // whole leaves what is right of and below the part that one does. On a chip
  // with faults they are strips of columns, of which each array takes as many
  // rows as it can; else a regular grid.
  SmallVector<Box> boxes;
  auto [rows, cols] = pool.extentOf(*arrays);
  int64_t height = pool.isCareful() ? matrix->shape[0] : rows;
  for (int64_t k = 0; k < matrix->shape[0]; k += height)
    for (int64_t n = 0; n < matrix->shape[1]; n += cols) {
      Box box;
      box.lo = {k, n};
      box.size = {std::min(height, matrix->shape[0] - k),
                  std::min<int64_t>(cols, matrix->shape[1] - n)};
      boxes.push_back(box);
    }
  std::reverse(boxes.begin(), boxes.end());
  SmallVector<FlatSymbolRefAttr> placed;
  builder.setInsertionPointToEnd(&program.getBody().front());
  LogicalResult status =
      inGroup(anchor, kind, "analog", [&]() -> LogicalResult {
        while (!boxes.empty()) {
          Box box = boxes.pop_back_val();
          Ref whole = matrix->boxed(box);
          auto place = pool.take(*arrays, std::min<int64_t>(rows, box.size[0]),
                                 box.size[1], [&](uint32_t h, uint32_t w) {
                                   return valuesOf(raw, isSplat, whole, h, w);
                                 });
          if (!place)
            return hyb::refuseTooLarge(anchor)
                   << "needs more arrays than chip '" << chip.name
                   << "' has: " << pool.describe(*arrays) << ", at least "
                   << (boxes.size() + 1) * arrays->slices
                   << " too few; --place NODE=mac for some nodes would help";
          int64_t h = place->rows, w = place->cols;
          if (h < box.size[0]) {
            Box below = box;
            below.lo[0] += h;
            below.size = {box.size[0] - h, w};
            boxes.push_back(below);
          }
          if (w < box.size[1]) {
            Box right = box;
            right.lo[1] += w;
            right.size = {box.size[0], box.size[1] - w};
            boxes.push_back(right);
          }
          box.size = {h, w};
          FlatSymbolRefAttr symbol =
              makeArray(*arrays, *place, matrix->boxed(box), anchor);
          placed.push_back(symbol);
          set.symbols.push_back(symbol);
          set.kOffsets.push_back(box.lo[0]);
          set.nOffsets.push_back(box.lo[1]);
        }
        return success();
      });
  if (failed(status) || failed(addRecalibration(placed, kind, anchor)))
    return failure();
  return set;
}

FlatSymbolRefAttr Lowering::makeArray(const chip::ArrayKind &kind,
                                      const ArrayPlace &place, const Ref &part,
                                      Operation *anchor) {
  std::string name = llvm::formatv("a{0}", nextArray++);
  auto lines = [&](const auto &map) {
    return DenseI32ArrayAttr::get(context,
                                  SmallVector<int32_t>(map.begin(), map.end()));
  };
  DenseI32ArrayAttr rowMap, colMap, flipped;
  if (place.mapping) {
    rowMap = lines(place.mapping->rowMap);
    colMap = lines(place.mapping->colMap);
    if (llvm::is_contained(place.mapping->flipped, 1))
      flipped = lines(place.mapping->flipped);
  }
  tile::ArrayOp::create(top, anchor->getLoc(), name, kind.name, part.shape[0],
                        part.shape[1], kind.slices, kind.cell_bits,
                        kind.mapping, place.physical, rowMap, colMap, flipped);
  auto symbol = FlatSymbolRefAttr::get(context, name);
  emitCommand(anchor->getLoc(), "program_array",
              {part.view(builder, anchor->getLoc())}, {},
              {builder.getNamedAttr("array", symbol),
               builder.getNamedAttr(
                   "scale", DenseF64ArrayAttr::get(context, place.scale))});
  return symbol;
}

LogicalResult Lowering::addRecalibration(ArrayRef<FlatSymbolRefAttr> arrays,
                                         StringRef kind, Operation *anchor) {
  if (pool.how().gainAt_s.empty())
    return success();
  OpBuilder::InsertionGuard guard(builder);
  tile::EntryOp entry = entryOfArrays(recalibrateEntry, "recalibrate", anchor);
  builder.setInsertionPointToEnd(&entry.getBody().front());
  return inGroup(anchor, kind, "analog", [&]() -> LogicalResult {
    for (FlatSymbolRefAttr symbol : arrays) {
      auto array = builder.getNamedAttr("array", symbol);
      emitCommand(anchor->getLoc(), "read_array", {}, {}, {array});
      emitCommand(anchor->getLoc(), "set_gain", {}, {},
                  {array, builder.getNamedAttr(
                              "kind", builder.getStringAttr("column"))});
    }
    return success();
  });
}

tile::EntryOp Lowering::entryOfArrays(tile::EntryOp &entry, StringRef name,
                                      Operation *anchor) {
  if (entry)
    return entry;
  entry = tile::EntryOp::create(top, anchor->getLoc(), name);
  entry.getBody().emplaceBlock();
  // What it reads stands before it.
  if (&entry == &programEntry)
    top.setInsertionPoint(entry);
  return entry;
}
