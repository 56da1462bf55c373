#include "hybridc/Kernels/OneDnn.h"
#include "VecLoops.h"

#include <fmt/format.h>

namespace hybridc::exec {

const dnnl::engine &dnnlEngine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

static dnnl::stream &dnnlStream() {
  thread_local dnnl::stream stream(dnnlEngine());
  return stream;
}

DnnlPrimitive::DnnlPrimitive(
    const dnnl::primitive_desc_base &desc, dnnl::primitive made,
    std::vector<std::pair<int, dnnl::memory::desc>> operands)
    : primitive(std::move(made)) {
  dnnl::memory::desc pad = desc.scratchpad_desc();
  scratchpad = pad.get_size();
  operands.emplace_back(DNNL_ARG_SCRATCHPAD, pad);
  for (const auto &[id, md] : operands) {
    memories.push_back(
        dnnl::memory(md, dnnlEngine(), static_cast<void *>(DNNL_MEMORY_NONE)));
    args.push_back({id, memories.back().get()});
  }
}

Status DnnlPrimitive::execute(const void *const *addresses,
                              std::byte *scratch) {
  size_t last = args.size() - 1;
  dnnl_status_t status = dnnl_success;
  for (size_t i = 0; i <= last && status == dnnl_success; ++i)
    status = dnnl_memory_set_data_handle(
        args[i].memory, i == last ? scratch : const_cast<void *>(addresses[i]));
  if (status == dnnl_success)
    status = dnnl_primitive_execute(primitive.get(), dnnlStream().get(),
                                    static_cast<int>(args.size()), args.data());
  if (status != dnnl_success)
    return Error{ExitCode::Internal,
                 fmt::format("oneDNN failed with status {}", int(status))};
  return {};
}

dnnl::primitive_attr dnnlAttr(bool accumulate) {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (accumulate) {
    dnnl::post_ops ops;
    ops.append_sum(1.0f);
    attr.set_post_ops(ops);
  }
  return attr;
}

Packer::Packer(const View &view, unsigned threads, bool widenHalves,
               std::vector<size_t> order)
    : type(view.type), threads(threads) {
  widen = widenHalves && (type == DType::F16 || type == DType::BF16);
  if (order.empty())
    for (size_t d = 0; d < view.shape.size(); ++d)
      order.push_back(d);
  View from = view, dense = view;
  for (size_t d = 0; d < order.size(); ++d) {
    from.shape[d] = view.shape[order[d]];
    from.strides[d] = view.strides[order[d]];
  }
  dense.shape = from.shape;
  dense.strides = stream::rowMajorStrides(dense.shape);
  int64_t element = widen ? 4 : stream::sizeOf(type);
  denseBytes = alignUp(stream::numElements(view) * element);
  if (!widen) {
    in = makeCopy(from, dense, threads);
    out = makeCopy(dense, from, threads);
    return;
  }
  std::vector<int64_t> denseStrides = dense.strides;
  for (int64_t &s : denseStrides)
    s *= element;
  nest = makeNest(from.shape, {byteStrides(from), denseStrides});
}

void Packer::pack(const std::byte *view, std::byte *dense) const {
  if (!widen) {
    (void)in->run(&view, &dense, nullptr);
    return;
  }
  size_t last = nest.rank() - 1;
  int64_t n = nest.extents[last], total = nest.total();
  if (total == 0)
    return;
  LoadRow load = findLoadRow(type);
  parallelFor(total / n, std::max<int64_t>(1, 32768 / n), threads,
              [&](int64_t b, int64_t e) {
                Odometer at;
                at.seek(nest, last, b);
                for (int64_t i = b; i < e; ++i, at.next(nest, last))
                  load(dense + at.offset[1], view + at.offset[0], n,
                       nest.strides[0][last]);
              });
}

void Packer::unpack(const std::byte *dense, std::byte *view) const {
  if (!widen) {
    (void)out->run(&dense, &view, nullptr);
    return;
  }
  size_t last = nest.rank() - 1;
  int64_t n = nest.extents[last], total = nest.total();
  if (total == 0)
    return;
  StoreRow store = findStoreRow(type);
  parallelFor(total / n, std::max<int64_t>(1, 32768 / n), threads,
              [&](int64_t b, int64_t e) {
                Odometer at;
                at.seek(nest, last, b);
                for (int64_t i = b; i < e; ++i, at.next(nest, last))
                  store(view + at.offset[0], dense + at.offset[1], n,
                        nest.strides[0][last]);
              });
}

bool dnnlInt8IsExact() {
  switch (dnnl::get_effective_cpu_isa()) {
  case dnnl::cpu_isa::avx512_core_vnni:
  case dnnl::cpu_isa::avx512_core_bf16:
  case dnnl::cpu_isa::avx512_core_amx:
  case dnnl::cpu_isa::avx2_vnni:
    return true;
  default:
    return false;
  }
}

} // namespace hybridc::exec
