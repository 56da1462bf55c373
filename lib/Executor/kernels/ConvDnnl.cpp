//===- ConvDnnl.cpp - Convolutions by oneDNN ------------------------------===//
//
// x, w and y go through up to two steps on their way to the primitive: packing
// (strided boxes, f16 and bf16) into dense f32, then a reorder, if the layout
// at hand is not one that oneDNN computes in well. The blocked layouts of
// CommandSpec.h are oneDNN's own on AVX-512, so nothing is moved there.
//
//===----------------------------------------------------------------------===//
#include "Conv.h"
#include "OneDnn.h"

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

class ConvDnnlKernel final : public Kernel {
public:
  /// Throws dnnl::error.
  Status prepare(const Command &command, const ConvShape &shape,
                 const PrepareOptions &options);
  Status run(const std::byte *const *ins, std::byte *const *outs,
             std::byte *scratch) override;

private:
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

  struct Free {
    void operator()(std::byte *p) const { std::free(p); }
  };
  using Buffer = std::unique_ptr<std::byte, Free>;

  Stage x, w, y;
  Buffer filter; ///< a constant one, in the primitive's layout
  DnnlPrimitive conv;
  bool accumulate = false;
  size_t primitiveScratch = 0;
};

void ConvDnnlKernel::makeReorders(Stage &stage, const Md &user,
                                  const Md &wanted, bool forward, bool back) {
  if (user == wanted)
    return;
  dnnl::primitive_attr attr = dnnlAttr(false);
  const dnnl::engine &engine = dnnlEngine();
  auto make = [&](const Md &from, const Md &to) {
    dnnl::reorder::primitive_desc pd(engine, from, engine, to, attr);
    return DnnlPrimitive(pd, dnnl::reorder(pd),
                         {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
  };
  if (forward)
    stage.reorder = make(user, wanted);
  if (back)
    stage.reorderBack = make(wanted, user);
  stage.reordered = reserve(wanted.get_size());
}

Status ConvDnnlKernel::prepare(const Command &command, const ConvShape &s,
                               const PrepareOptions &options) {
  unsigned threads = options.threads;
  accumulate = s.accumulate;
  std::vector<int64_t> xDims{s.batch, s.inChannels},
      yDims{s.batch, s.outChannels};
  xDims.insert(xDims.end(), s.in.begin(), s.in.end());
  yDims.insert(yDims.end(), s.out.begin(), s.out.end());
  std::vector<int64_t> wDims{s.outPerGroup(), s.inPerGroup()};
  if (s.groups > 1)
    wDims.insert(wDims.begin(), s.groups);
  wDims.insert(wDims.end(), s.kernel.begin(), s.kernel.end());
  std::vector<int64_t> dilations = s.dilations;
  for (int64_t &d : dilations)
    --d;
  Md xUser = dataDesc(xDims, s.xBlock), yUser = dataDesc(yDims, s.yBlock);
  Md wUser = filterDesc(wDims, s);
  dnnl::primitive_attr attr = dnnlAttr(accumulate);
  const dnnl::engine &engine = dnnlEngine();
  auto kind = dnnl::prop_kind::forward_inference;

  Md xWanted = xUser, wWanted = wUser, yWanted = yUser;
  auto finish = [&](auto pd, auto made) {
    xWanted = pd.src_desc();
    wWanted = pd.weights_desc();
    yWanted = pd.dst_desc();
    conv = DnnlPrimitive(pd, made,
                         {{DNNL_ARG_SRC, xWanted},
                          {DNNL_ARG_WEIGHTS, wWanted},
                          {DNNL_ARG_DST, yWanted}});
  };
  if (s.transposed) {
    dnnl::deconvolution_forward::desc desc(
        kind, dnnl::algorithm::deconvolution_direct, anyLike(xUser),
        anyLike(wUser), anyLike(yUser), s.strides, dilations, s.padsBegin,
        s.padsEnd);
    dnnl::deconvolution_forward::primitive_desc pd(desc, attr, engine);
    finish(pd, dnnl::deconvolution_forward(pd));
  } else {
    using Pd = dnnl::convolution_forward::primitive_desc;
    auto make = [&](bool any) {
      dnnl::convolution_forward::desc desc(
          kind, dnnl::algorithm::convolution_direct,
          any ? anyLike(xUser) : xUser, any ? anyLike(wUser) : wUser,
          any ? anyLike(yUser) : yUser, s.strides, dilations, s.padsBegin,
          s.padsEnd);
      return Pd(desc, attr, engine, /*allow_empty=*/!any);
    };
    Pd pd;
    if (s.yBlock != 0)
      pd = make(false);
    if (!pd || isSlow(pd.impl_info_str()))
      pd = make(true);
    finish(pd, dnnl::convolution_forward(pd));
  }

  auto stagePack = [&](Stage &stage, const View &view) {
    stage.packs = view.type != DType::F32 || !isDense(view);
    if (!stage.packs)
      return;
    stage.packer = Packer(view, threads, true);
    stage.packed = reserve(stage.packer.bytes());
  };
  stagePack(x, command.ins[0]);
  stagePack(w, command.ins[1]);
  stagePack(y, command.outs[0]);
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
  auto allocate = [](size_t bytes) {
    return Buffer(static_cast<std::byte *>(
        std::aligned_alloc(64, alignUp(std::max<size_t>(bytes, 1)))));
  };
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

Status ConvDnnlKernel::run(const std::byte *const *ins, std::byte *const *outs,
                           std::byte *scratch) {
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
