//===- ConvDnnl.cpp - Convolutions by oneDNN ------------------------------===//
//
// x, w and y go through up to two steps on their way to the primitive: packing
// (strided boxes, f16 and bf16) into dense f32, then a reorder, if the layout
// at hand is not one that oneDNN computes in well. The blocked layouts of
// CommandSpec.h are oneDNN's own on AVX-512, so nothing is moved there.
//
// A blocked result is cut along images and blocks of channels into pieces, each
// by a primitive of its own for one thread: oneDNN's own division leaves
// threads idle for many a layer of small images, and an epilogue can follow at
// once. What cannot be cut is computed by one thread as well: oneDNN chooses
// implementation and order of sums by the size of the team.
//
//===----------------------------------------------------------------------===//
#include "Pieces.h"
#include "hybridc/Kernels/Conv.h"
#include "hybridc/Kernels/OneDnn.h"

#include <atomic>
#include <cstdlib>
#include <fmt/format.h>

namespace hybridc::exec {
namespace {

using Tag = dnnl::memory::format_tag;
using Md = dnnl::memory::desc;
constexpr dnnl::memory::data_type kF32 = dnnl::memory::data_type::f32;

Md dataDesc(const std::vector<int64_t> &dims, int64_t block) {
  size_t spatial = dims.size() - 2;
  static constexpr Tag plain[] = {Tag::ncw, Tag::nchw, Tag::ncdhw};
  static constexpr Tag by8[] = {Tag::nCw8c, Tag::nChw8c, Tag::nCdhw8c};
  static constexpr Tag by16[] = {Tag::nCw16c, Tag::nChw16c, Tag::nCdhw16c};
  return Md(dims, kF32,
            (block == 16  ? by16
             : block == 8 ? by8
                          : plain)[spatial - 1]);
}

Md filterDesc(const std::vector<int64_t> &dims, const ConvShape &s) {
  size_t spatial = s.kernel.size();
  if (s.transposed) { // memory w[C, M/g, k…], dims [g, M/g, C/g, k…]
    int64_t taps = 1;
    std::vector<int64_t> strides(dims.size());
    for (size_t d = dims.size(); d-- > dims.size() - spatial;) {
      strides[d] = taps;
      taps *= dims[d];
    }
    size_t m = dims.size() - spatial - 2;
    strides[m] = taps;
    strides[m + 1] = taps * s.outPerGroup();
    if (m == 1)
      strides[0] = taps * s.outPerGroup() * s.inPerGroup();
    return Md(dims, kF32, strides);
  }
  static constexpr Tag plain[] = {Tag::oiw, Tag::oihw, Tag::oidhw};
  static constexpr Tag grouped[] = {Tag::goiw, Tag::goihw, Tag::goidhw};
  static constexpr Tag both8[] = {Tag::OIw8i8o, Tag::OIhw8i8o, Tag::OIdhw8i8o};
  static constexpr Tag both16[] = {Tag::OIw16i16o, Tag::OIhw16i16o,
                                   Tag::OIdhw16i16o};
  static constexpr Tag first8[] = {Tag::Owi8o, Tag::Ohwi8o, Tag::Odhwi8o};
  static constexpr Tag first16[] = {Tag::Owi16o, Tag::Ohwi16o, Tag::Odhwi16o};
  static constexpr Tag depth8[] = {Tag::Goiw8g, Tag::Goihw8g, Tag::undef};
  static constexpr Tag depth16[] = {Tag::Goiw16g, Tag::Goihw16g,
                                    Tag::Goidhw16g};
  bool by16 = s.yBlock == 16;
  const Tag *tags = s.yBlock == 0   ? (s.groups > 1 ? grouped : plain)
                    : s.xBlock == 0 ? (by16 ? first16 : first8)
                    : s.groups > 1  ? (by16 ? depth16 : depth8)
                                    : (by16 ? both16 : both8);
  return Md(dims, kF32, tags[spatial - 1]); // throws for what has no tag
}

Md anyLike(const Md &md) { return Md(md.dims(), kF32, Tag::any); }

bool isSlow(const char *implementation) {
  std::string_view name = implementation;
  return name.find("ref") != name.npos || name.find("gemm") != name.npos;
}

/// A convolution in oneDNN's terms.
struct Descs {
  static constexpr auto kKind = dnnl::prop_kind::forward_inference;
  explicit Descs(const ConvShape &s);
  /// `any`: oneDNN chooses the layouts, and throws when it has no form at all;
  /// else those of the command, and nothing when there is none.
  /// `anyFilter`: it may choose that of w in any case.
  dnnl::convolution_forward::primitive_desc
  primitive(bool accumulate, bool any, bool anyFilter = false) const;

  const ConvShape &shape;
  std::vector<int64_t> dilations; ///< counted from 0
  Md x, w, y;
};

Descs::Descs(const ConvShape &s) : shape(s), dilations(s.dilations) {
  std::vector<int64_t> xDims{s.batch, s.inChannels},
      yDims{s.batch, s.outChannels};
  xDims.insert(xDims.end(), s.in.begin(), s.in.end());
  yDims.insert(yDims.end(), s.out.begin(), s.out.end());
  std::vector<int64_t> wDims{s.outPerGroup(), s.inPerGroup()};
  if (s.groups > 1)
    wDims.insert(wDims.begin(), s.groups);
  wDims.insert(wDims.end(), s.kernel.begin(), s.kernel.end());
  for (int64_t &d : dilations)
    --d;
  x = dataDesc(xDims, s.xBlock);
  y = dataDesc(yDims, s.yBlock);
  w = filterDesc(wDims, s);
}

dnnl::convolution_forward::primitive_desc
Descs::primitive(bool accumulate, bool any, bool anyFilter) const {
  dnnl::convolution_forward::desc desc(
      kKind, dnnl::algorithm::convolution_direct, any ? anyLike(x) : x,
      any || anyFilter ? anyLike(w) : w, any ? anyLike(y) : y, shape.strides,
      dilations, shape.padsBegin, shape.padsEnd);
  return {desc, dnnlAttr(accumulate), dnnlEngine(), /*allow_empty=*/!any};
}

/// Primitives that are made meanwhile are for one thread.
struct OneThread {
  int before = omp_get_max_threads();
  OneThread() { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before); }
};

DnnlPrimitive makeReorder(const Md &from, const Md &to) {
  dnnl::reorder::primitive_desc pd(dnnlEngine(), from, dnnlEngine(), to,
                                   dnnlAttr(false));
  return DnnlPrimitive(pd, dnnl::reorder(pd),
                       {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
}

struct Free {
  void operator()(std::byte *p) const { std::free(p); }
};
using Buffer = std::unique_ptr<std::byte, Free>;

/// Nothing when there is no memory.
Buffer allocate(size_t bytes) {
  return Buffer(static_cast<std::byte *>(
      std::aligned_alloc(64, alignUp(std::max<size_t>(bytes, 1)))));
}

class ConvDnnlKernel final : public PieceKernel {
public:
  /// Throws dnnl::error.
  Status prepare(const Command &command, const ConvShape &shape,
                 const PrepareOptions &options);
  Status runPieces(const std::byte *const *ins, std::byte *const *outs,
                   std::byte *scratch, const After *after) override;
  int64_t numPieces() const override { return pieceGrid.batches * perImage; }
  Piece piece(int64_t i) const override {
    return {i / perImage, i % perImage * blocksPerPiece, blocksPerPiece, 0,
            pieceGrid.cols};
  }

private:
  void cut(const ConvShape &s, const PrepareOptions &options);
  Status runCut(const void *const *addresses, std::byte *scratch,
                const After *after);
  struct Stage {
    bool packs = false;
    Packer packer;
    DnnlPrimitive reorder;            ///< towards the primitive
    DnnlPrimitive reorderBack;        ///< of the result
    size_t packed = 0, reordered = 0; ///< scratch offsets
  };
  void makeReorders(Stage &stage, const Md &user, const Md &wanted,
                    bool forward, bool back);
  size_t reserve(size_t bytes) {
    size_t at = scratchSize;
    scratchSize += alignUp(bytes);
    return at;
  }
  Result<const std::byte *> bring(Stage &stage, const std::byte *data,
                                  std::byte *scratch, bool filled);

  Stage x, w, y;
  Buffer filter; ///< a constant one, in the primitive's layout
  DnnlPrimitive conv;
  bool accumulate = false;
  size_t primitiveScratch = 0;

  // In pieces: one primitive for each thread, as their memories are set when
  // they run.
  std::vector<DnnlPrimitive> cutConv;
  int64_t perImage = 1, blocksPerPiece = 1;
  unsigned threads = 1;
  /// Bytes from one image (one piece of it) to the next, of x, w, y.
  int64_t imageBytes[3] = {}, pieceBytes[3] = {};
};

/// How many pieces an image of `blocks` blocks is cut into: all alike, a
/// number that some threads can share. It follows from the shape alone, or
/// values might depend on the number of threads.
static int64_t piecesOf(int64_t blocks, double macs) {
  for (int64_t pieces = std::min<int64_t>(blocks, 32); pieces >= 2; --pieces)
    if (blocks % pieces == 0 && macs / double(pieces) >= 1e5)
      return pieces;
  return 1;
}

void ConvDnnlKernel::cut(const ConvShape &s, const PrepareOptions &options) {
  bool depthwise = s.groups > 1;
  if (s.transposed || s.yBlock == 0 || y.packs || w.packs ||
      s.outChannels % s.yBlock || s.batch == 0 ||
      (depthwise && (s.xBlock != s.yBlock || s.groups != s.outChannels ||
                     s.groups != s.inChannels)))
    return;
  int64_t blocks = s.outChannels / s.yBlock, pixels = 1, inPixels = 1, taps = 1;
  for (size_t d = 0; d < s.kernel.size(); ++d) {
    pixels *= s.out[d];
    inPixels *= s.in[d];
    taps *= s.kernel[d];
  }
  double macs =
      double(s.outChannels) * double(pixels * taps) * double(s.inPerGroup());
  int64_t pieces = piecesOf(blocks, macs);
  if (pieces == 1 && s.batch == 1)
    return;
  ConvShape part = s;
  part.batch = 1;
  part.outChannels = s.outChannels / pieces;
  if (depthwise)
    part.groups = part.inChannels = part.outChannels;
  OneThread one; // or the primitive counts on a team
  Descs descs(part);
  auto pd = descs.primitive(accumulate, /*any=*/false, /*anyFilter=*/true);
  if (!pd || isSlow(pd.impl_info_str()))
    return;
  size_t filterBytes = pd.weights_desc().get_size();
  if (pd.weights_desc() != descs.w) {
    // The part's filters lie together, whatever the layout.
    if (!options.constantFilter)
      return;
    Buffer kept = allocate(filterBytes * pieces);
    DnnlPrimitive reorder = makeReorder(descs.w, pd.weights_desc());
    Buffer scratch = allocate(reorder.scratchBytes());
    if (!kept || !scratch)
      return;
    for (int64_t i = 0; i < pieces; ++i) {
      const void *addresses[] = {options.constantFilter +
                                     i * descs.w.get_size(),
                                 kept.get() + i * filterBytes};
      if (!reorder.execute(addresses, scratch.get()))
        return;
    }
    filter = std::move(kept);
  }
  dnnl::convolution_forward made(pd);
  for (unsigned t = 0; t < options.threads; ++t)
    cutConv.emplace_back(
        pd, made,
        std::vector<std::pair<int, Md>>{{DNNL_ARG_SRC, pd.src_desc()},
                                        {DNNL_ARG_WEIGHTS, pd.weights_desc()},
                                        {DNNL_ARG_DST, pd.dst_desc()}});
  threads = options.threads;
  perImage = pieces;
  blocksPerPiece = blocks / pieces;
  pieceGrid = {s.batch, blocks, pixels, s.yBlock};
  imageBytes[0] = s.inChannels * inPixels * 4;
  imageBytes[2] = s.outChannels * pixels * 4;
  pieceBytes[0] = depthwise ? imageBytes[0] / pieces : 0;
  pieceBytes[1] = static_cast<int64_t>(filterBytes);
  pieceBytes[2] = imageBytes[2] / pieces;
}

void ConvDnnlKernel::makeReorders(Stage &stage, const Md &user,
                                  const Md &wanted, bool forward, bool back) {
  if (user == wanted)
    return;
  if (forward)
    stage.reorder = makeReorder(user, wanted);
  if (back)
    stage.reorderBack = makeReorder(wanted, user);
  stage.reordered = reserve(wanted.get_size());
}

Status ConvDnnlKernel::prepare(const Command &command, const ConvShape &s,
                               const PrepareOptions &options) {
  unsigned numThreads = options.threads;
  accumulate = s.accumulate;
  Descs descs(s);
  const Md &xUser = descs.x, &wUser = descs.w, &yUser = descs.y;
  auto stagePack = [&](Stage &stage, const View &view) {
    stage.packs = view.type != DType::F32 || !isDense(view);
    if (!stage.packs)
      return;
    stage.packer = Packer(view, numThreads, true);
    stage.packed = reserve(stage.packer.bytes());
  };
  stagePack(x, command.ins[0]);
  stagePack(w, command.ins[1]);
  stagePack(y, command.outs[0]);
  cut(s, options);
  if (!cutConv.empty()) {
    primitiveScratch = reserve(alignUp(cutConv[0].scratchBytes()) * numThreads);
    return {};
  }

  const dnnl::engine &engine = dnnlEngine();

  Md xWanted = xUser, wWanted = wUser, yWanted = yUser;
  auto finish = [&](const auto &pd, const auto &made) {
    xWanted = pd.src_desc();
    wWanted = pd.weights_desc();
    yWanted = pd.dst_desc();
    conv = DnnlPrimitive(pd, made,
                         {{DNNL_ARG_SRC, xWanted},
                          {DNNL_ARG_WEIGHTS, wWanted},
                          {DNNL_ARG_DST, yWanted}});
  };
  auto choose = [&] {
    OneThread one;
    if (!s.transposed) {
      dnnl::convolution_forward::primitive_desc pd;
      if (s.yBlock != 0)
        pd = descs.primitive(accumulate, false);
      if (!pd || isSlow(pd.impl_info_str()))
        pd = descs.primitive(accumulate, true);
      finish(pd, dnnl::convolution_forward(pd));
      return;
    }
    dnnl::deconvolution_forward::desc desc(
        Descs::kKind, dnnl::algorithm::deconvolution_direct, anyLike(xUser),
        anyLike(wUser), anyLike(yUser), s.strides, descs.dilations, s.padsBegin,
        s.padsEnd);
    dnnl::deconvolution_forward::primitive_desc pd(desc, dnnlAttr(accumulate),
                                                   engine);
    finish(pd, dnnl::deconvolution_forward(pd));
  };
  choose();

  makeReorders(x, xUser, xWanted, true, false);
  makeReorders(w, wUser, wWanted, true, false);
  makeReorders(y, yUser, yWanted, accumulate, true);
  size_t most = conv.scratchBytes();
  for (const Stage *stage : {&x, &w, &y})
    most = std::max({most, stage->reorder.scratchBytes(),
                     stage->reorderBack.scratchBytes()});
  primitiveScratch = reserve(most);
  if (!options.constantFilter || !w.reorder)
    return {};
  // What never changes is brought into place now.
  Buffer scratch = allocate(scratchSize);
  Buffer kept = allocate(wWanted.get_size());
  if (!scratch || !kept)
    return {}; // it works without
  Result<const std::byte *> there =
      bring(w, options.constantFilter, scratch.get(), true);
  if (!there)
    return there.error();
  std::memcpy(kept.get(), *there, wWanted.get_size());
  filter = std::move(kept);
  return {};
}

/// Where the primitive shall find an operand; `filled`: with what is there.
Result<const std::byte *> ConvDnnlKernel::bring(Stage &stage,
                                                const std::byte *data,
                                                std::byte *scratch,
                                                bool filled) {
  if (stage.packs) {
    if (filled)
      stage.packer.pack(data, scratch + stage.packed);
    data = scratch + stage.packed;
  }
  if (!stage.reorder && !stage.reorderBack)
    return data;
  const std::byte *there = scratch + stage.reordered;
  if (filled) {
    const void *addresses[] = {data, there};
    if (Status s = stage.reorder.execute(addresses, scratch + primitiveScratch);
        !s)
      return s.error();
  }
  return there;
}

Status ConvDnnlKernel::runCut(const void *const *addresses, std::byte *scratch,
                              const After *after) {
  std::atomic<bool> failed = false;
  size_t perThread = alignUp(cutConv[0].scratchBytes());
  parallelFor(numPieces(), 1, threads, [&](int64_t begin, int64_t end) {
    int t = omp_get_thread_num();
    for (int64_t i = begin; i < end; ++i) {
      const void *own[3];
      for (int k = 0; k < 3; ++k)
        own[k] = static_cast<const std::byte *>(addresses[k]) +
                 i / perImage * imageBytes[k] + i % perImage * pieceBytes[k];
      if (!cutConv[t].execute(own, scratch + t * perThread))
        failed = true;
      if (after)
        (*after)(i);
    }
  });
  if (failed)
    return Error{ExitCode::Internal, "oneDNN's convolution failed"};
  return {};
}

Status ConvDnnlKernel::runPieces(const std::byte *const *ins,
                                 std::byte *const *outs, std::byte *scratch,
                                 const After *after) {
  Result<const std::byte *> px = bring(x, ins[0], scratch, true);
  Result<const std::byte *> pw = filter
                                     ? Result<const std::byte *>(filter.get())
                                     : bring(w, ins[1], scratch, true);
  Result<const std::byte *> py = bring(y, outs[0], scratch, accumulate);
  for (auto *p : {&px, &pw, &py})
    if (!*p)
      return p->error();
  const void *addresses[] = {*px, *pw, *py};
  std::byte *pad = scratch + primitiveScratch;
  if (!cutConv.empty())
    return runCut(addresses, pad, after);
  if (Status s = conv.execute(addresses, pad); !s)
    return s;
  std::byte *dense = y.packs ? scratch + y.packed : outs[0];
  if (y.reorderBack) {
    const void *back[] = {*py, dense};
    if (Status s = y.reorderBack.execute(back, pad); !s)
      return s;
  }
  if (y.packs)
    y.packer.unpack(dense, outs[0]);
  return {};
}

} // namespace

Prepared prepareConvDnnl(const Command &command, const ConvShape &shape,
                         const PrepareOptions &options) {
  for (int64_t block : {shape.xBlock, shape.yBlock})
    if (block != 0 && block != 8 && block != 16)
      return unsupported(fmt::format("blocks of {} channels", block));
  auto kernel = std::make_unique<ConvDnnlKernel>();
  try {
    if (Status s = kernel->prepare(command, shape, options); !s)
      return s.error();
  } catch (const dnnl::error &error) {
    return unsupported(fmt::format("oneDNN: {}", error.message));
  }
  return std::unique_ptr<Kernel>(std::move(kernel));
}

} // namespace hybridc::exec
