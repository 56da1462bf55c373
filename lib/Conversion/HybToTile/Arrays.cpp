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

/// Largest |w| of each column of a box of f32 constants; 1 where all are 0.
static std::optional<SmallVector<double>> largest(ElementsAttr value,
                                                  const Ref &ref) {
  ArrayRef<char> raw;
  if (auto dense = dyn_cast<DenseElementsAttr>(value)) {
    raw = dense.getRawData();
    if (dense.isSplat()) {
      double all = std::abs(static_cast<double>(dense.getSplatValue<float>()));
      return SmallVector<double>(ref.shape[1], all > 0 ? all : 1.0);
    }
  } else if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      raw = blob->getData();
  }
  if (raw.empty())
    return std::nullopt;
  SmallVector<double> best(ref.shape[1], 0.0);
  for (int64_t k = 0; k < ref.shape[0]; ++k)
    for (int64_t n = 0; n < ref.shape[1]; ++n) {
      int64_t at = ref.offset + k * ref.strides[0] + n * ref.strides[1];
      float w;
      if (at < 0 || (at + 1) * 4 > static_cast<int64_t>(raw.size()))
        return std::nullopt;
      std::memcpy(&w, raw.data() + at * 4, 4);
      best[n] = std::max(best[n], std::abs(static_cast<double>(w)));
    }
  for (double &scale : best)
    if (!(scale > 0))
      scale = 1;
  return best;
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
  // As a matrix [K, N].
  std::optional<Ref> matrix;
  if (isa<hyb::ConvOp>(contraction)) {
    int64_t k = 1;
    for (int64_t extent : ArrayRef<int64_t>(weights.shape).drop_front())
      k *= extent;
    if (auto flat = weights.reshaped({weights.shape[0], k}))
      matrix = flat->transposed({1, 0});
  } else if (weights.shape.size() == 2) {
    matrix = weights;
  }
  if (!matrix)
    return hyb::refuseUnsupported(anchor)
           << "its weights are not one matrix; --place NODE=mac would help";

  ArraySet set;
  int64_t rows = arrays->rows, cols = arrays->cols, slices = arrays->slices;
  int64_t &used = arraysUsed[kind];
  OpBuilder::InsertionGuard guard(builder);
  if (!programEntry) {
    programEntry = tile::EntryOp::create(top, anchor->getLoc(), "program");
    programEntry.getBody().emplaceBlock();
    // What it reads stands before it.
    top.setInsertionPoint(programEntry);
  }
  builder.setInsertionPointToEnd(&programEntry.getBody().front());
  LogicalResult status =
      inGroup(anchor, kind, "analog", [&]() -> LogicalResult {
        for (int64_t k = 0; k < matrix->shape[0]; k += rows)
          for (int64_t n = 0; n < matrix->shape[1]; n += cols) {
            Box box;
            box.lo = {k, n};
            box.size = {std::min(rows, matrix->shape[0] - k),
                        std::min(cols, matrix->shape[1] - n)};
            Ref part = matrix->boxed(box);
            auto scale = largest(constant.getValue(), part);
            if (!scale)
              return hyb::refuseUnsupported(anchor)
                     << "the bytes of its weights are not at hand";
            if (used + slices > static_cast<int64_t>(arrays->count))
              return hyb::refuseTooLarge(anchor)
                     << "needs more arrays than chip '" << chip.name
                     << "' has: " << arrays->count << " of kind '" << kind
                     << "'; --place NODE=mac for some nodes would help";
            std::string name = llvm::formatv("a{0}", nextArray++);
            tile::ArrayOp::create(top, anchor->getLoc(), name, kind,
                                  box.size[0], box.size[1], slices,
                                  arrays->cell_bits, arrays->mapping, used);
            used += slices;
            auto symbol = FlatSymbolRefAttr::get(context, name);
            emitCommand(anchor->getLoc(), "program_array",
                        {part.view(builder, anchor->getLoc())}, {},
                        {builder.getNamedAttr("array", symbol),
                         builder.getNamedAttr("scale", DenseF64ArrayAttr::get(
                                                           context, *scale))});
            set.symbols.push_back(symbol);
            set.kOffsets.push_back(k);
            set.nOffsets.push_back(n);
          }
        return success();
      });
  if (failed(status))
    return failure();
  return set;
}
