// Whole programs: queues and semaphores, control, state, arrays, refusals.
#include "hybridc/Executor/Executor.h"

#include "Sample.h"
#include "hybridc/Chip/Chip.h"
#include "hybridc/Stream/VecIsa.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <gtest/gtest.h>

using namespace hybridc;
using namespace hybridc::stream;
using exec::ExecOptions;
using exec::Executor;

namespace {

std::unique_ptr<Executor> make(const Program &program,
                               ExecOptions options = {}) {
  auto executor = Executor::create(program, options);
  if (!executor) {
    ADD_FAILURE() << executor.error().message;
    return nullptr;
  }
  return std::move(*executor);
}

std::vector<float> floatsOf(const Executor &executor, std::string_view name) {
  auto tensor = executor.output(name);
  if (!tensor) {
    ADD_FAILURE() << tensor.error().message;
    return {};
  }
  std::vector<float> values(tensor->bytes.size() / 4);
  std::memcpy(values.data(), tensor->bytes.data(), tensor->bytes.size());
  return values;
}

TEST(Executor, PipelineOfQueues) {
  Program program = sample::pipeline();
  std::vector<float> x(128), c(16);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = float(i % 7) - 3;
  std::memcpy(c.data(), program.blobs[0].data, 64);
  auto executor = make(program);
  ASSERT_TRUE(executor);
  for (int round = 0; round < 3; ++round) {
    x[5] = float(round);
    ASSERT_TRUE(static_cast<bool>(executor->setInput("x", x.data(), 512)));
    Status s = executor->run();
    ASSERT_TRUE(static_cast<bool>(s)) << s.error().message;
    std::vector<float> y = floatsOf(*executor, "y");
    for (size_t i = 0; i < 128; ++i)
      ASSERT_EQ(y[i], std::max(x[i] + c[i % 16], 0.0f)) << i;
  }
  EXPECT_GE(executor->numExecuted(), 3 * 8u);
}

TEST(Executor, DeadlockIsAnError) {
  Program program = sample::pipeline();
  // The stores wait for more than will ever be computed.
  for (Command *c : sample::commands(sample::queue(program, "dma1").items))
    c->waits[0].value += 1000;
  auto executor = Executor::create(program);
  if (!executor)
    return; // the verifier may know already
  Status s = (*executor)->run();
  ASSERT_FALSE(static_cast<bool>(s));
  EXPECT_EQ(s.error().code, ExitCode::InvalidInput);
  EXPECT_NE(s.error().message.find("deadlock"), std::string::npos);
  EXPECT_NE(s.error().message.find("add+relu"), std::string::npos);
}

TEST(Executor, BranchesLoopsAndState) {
  Program program = sample::control();
  // The flag and the trip count become inputs.
  program.entries[0].inputs.push_back(
      {"flag", sample::dram(2048, {}, DType::Bool)});
  program.entries[0].inputs.push_back(
      {"trips", sample::dram(2056, {}, DType::I64)});
  auto executor = make(program);
  ASSERT_TRUE(executor);
  std::vector<float> x(128);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = float(i) + 0.5f;
  for (uint8_t flag : {0, 1})
    for (int64_t trips : {-3, 0, 2, 5, 100}) {
      ASSERT_TRUE(static_cast<bool>(executor->setInput("x", x.data(), 512)));
      ASSERT_TRUE(static_cast<bool>(executor->setInput("flag", &flag, 1)));
      ASSERT_TRUE(static_cast<bool>(executor->setInput("trips", &trips, 8)));
      Status s = executor->run();
      ASSERT_TRUE(static_cast<bool>(s)) << s.error().message;
      std::vector<float> y = floatsOf(*executor, "y");
      int64_t rows = std::clamp<int64_t>(trips, 0, 8);
      for (int64_t i = 0; i < 128; ++i)
        ASSERT_EQ(y[i], i / 16 < rows ? x[i]
                        : flag        ? 0.0f
                                      : 1.0f)
            << i << " with " << trips;
    }
}

TEST(Executor, ARunHasALimit) {
  Program program = sample::pipeline();
  ExecOptions options;
  options.maxCommands = 3;
  auto executor = make(program, options);
  Status s = executor->run();
  ASSERT_FALSE(static_cast<bool>(s));
  EXPECT_NE(s.error().message.find("limit"), std::string::npos);
  options = {};
  options.maxWork = 20;
  s = make(program, options)->run();
  ASSERT_FALSE(static_cast<bool>(s));
}

TEST(Executor, InputsAndOutputsAreChecked) {
  auto executor = make(sample::pipeline());
  float x[128] = {};
  EXPECT_FALSE(static_cast<bool>(executor->setInput("x", x, 511)));
  EXPECT_FALSE(static_cast<bool>(executor->setInput("z", x, 512)));
  EXPECT_FALSE(static_cast<bool>(executor->setInput("x", x, 512, "train")));
  EXPECT_FALSE(static_cast<bool>(executor->run("train")));
  exec::Tensor wrong;
  wrong.type = DType::I32;
  wrong.shape = {8, 16};
  wrong.bytes.resize(512);
  EXPECT_FALSE(static_cast<bool>(executor->setInput("x", wrong)));
  wrong.type = DType::F32;
  wrong.shape = {16, 8};
  EXPECT_FALSE(static_cast<bool>(executor->setInput("x", wrong)));
  wrong.shape = {8, 16};
  EXPECT_TRUE(static_cast<bool>(executor->setInput("x", wrong)));
  EXPECT_FALSE(static_cast<bool>(executor->output("x")));
  EXPECT_EQ(executor->outputData("x"), nullptr);
  EXPECT_NE(executor->outputData("y"), nullptr);
  EXPECT_EQ(executor->inputs("infer")->size(), 1u);
  EXPECT_EQ(executor->inputs("train"), nullptr);
}

/// Runs `change` on a sample and expects a refusal at creation.
void refused(Program program, const std::function<void(Program &)> &change) {
  change(program);
  auto executor = Executor::create(program);
  EXPECT_FALSE(static_cast<bool>(executor));
}

TEST(Executor, RefusesWhatLeavesItsMemory) {
  auto first = [](Program &p, const char *queue) -> Command & {
    return *sample::commands(sample::queue(p, queue).items)[0];
  };
  refused(sample::pipeline(),
          [&](Program &p) { first(p, "dma0").outs[0].address = 2048 - 32; });
  refused(sample::pipeline(),
          [&](Program &p) { first(p, "dma0").ins[0].address = 4096; });
  refused(sample::pipeline(),
          [&](Program &p) { first(p, "dma0").ins[0].strides = {1000000}; });
  refused(sample::pipeline(), [&](Program &p) {
    first(p, "dma0").outs[0] = sample::dram(1024, {16}); // a constant
  });
  refused(sample::pipeline(),
          [&](Program &p) { first(p, "dma1").outs[0].steps = {1 << 20}; });
  refused(sample::pipeline(), [&](Program &p) { p.vecPrograms.clear(); });
  refused(sample::analog(), [&](Program &p) { p.arrays.pop_back(); });
}

/// The sample's weights, but readable ones.
Program analogWith(const std::vector<float> &w, bool ideal) {
  Program program = sample::analog();
  auto owner = std::make_shared<std::vector<float>>(w);
  program.blobs[0] = {reinterpret_cast<const std::byte *>(owner->data()), 256,
                      owner};
  if (ideal)
    for (Command *c : sample::commands(sample::queue(program, "pcm").items)) {
      c->attrs.push_back(sample::ints("ideal", {1}));
      std::sort(c->attrs.begin(), c->attrs.end(),
                [](const Attr &a, const Attr &b) { return a.name < b.name; });
    }
  return program;
}

TEST(Executor, IdealArraysAreExact) {
  std::vector<float> w(64), x(16);
  for (size_t i = 0; i < 64; ++i)
    w[i] = float(int(i * 37 % 19)) / 16 - 0.5f;
  for (size_t i = 0; i < 16; ++i)
    x[i] = float(i) / 8 - 1;
  auto executor = make(analogWith(w, true));
  ASSERT_TRUE(executor);
  ASSERT_TRUE(static_cast<bool>(executor->setInput("x", x.data(), 64)));
  Status s = executor->run();
  ASSERT_TRUE(static_cast<bool>(s)) << s.error().message;
  std::vector<float> y = floatsOf(*executor, "y");
  for (size_t n = 0; n < 4; ++n) {
    double sum = 0;
    for (size_t k = 0; k < 16; ++k)
      sum += double(x[k]) * double(w[k * 4 + n]);
    EXPECT_NEAR(y[n], sum, 1e-5);
  }
}

TEST(Executor, UnknownChipIsAnErrorForAnalogArrays) {
  // The sample's description has no array kind "pcm".
  auto executor =
      Executor::create(analogWith(std::vector<float>(64, 0.5f), false));
  ASSERT_FALSE(static_cast<bool>(executor));
  EXPECT_EQ(executor.error().code, ExitCode::InvalidInput);
}

/// A convolution on arrays whose tiles cut K and N, in plain or blocked layout.
struct ArrayConv {
  int64_t block, channels, filters, batch = 2, rows = 5, cols = 6;
  int64_t k() const { return channels * 9; }
  std::vector<float> w, x, y; ///< W[K,N]; plain x and (exact) y

  explicit ArrayConv(int64_t block)
      : block(block), channels(block ? block : 3),
        filters(block ? 2 * block : 8) {
    for (int64_t i = 0; i < k() * filters; ++i)
      w.push_back(float(i * 31 % 23) / 23 - 0.5f);
    for (int64_t i = 0; i < batch * channels * rows * cols; ++i)
      x.push_back(float(i * 17 % 29) / 14 - 1);
    y.resize(batch * filters * rows * cols);
    for (int64_t n = 0; n < batch; ++n)
      for (int64_t m = 0; m < filters; ++m)
        for (int64_t r = 0; r < rows; ++r)
          for (int64_t c = 0; c < cols; ++c) {
            double sum = 0;
            for (int64_t i = 0; i < k(); ++i) {
              int64_t ch = i / 9, a = r + i / 3 % 3 - 1, b = c + i % 3 - 1;
              if (a >= 0 && a < rows && b >= 0 && b < cols)
                sum += double(x[((n * channels + ch) * rows + a) * cols + b]) *
                       double(w[i * filters + m]);
            }
            y[((n * filters + m) * rows + r) * cols + c] = float(sum);
          }
  }
  /// Element (n, c, r, q) of a data tensor of `c0` channels.
  int64_t at(int64_t c0, int64_t n, int64_t c, int64_t r, int64_t q) const {
    if (!block)
      return ((n * c0 + c) * rows + r) * cols + q;
    return (((n * c0 / block + c / block) * rows + r) * cols + q) * block +
           c % block;
  }
  std::vector<int64_t> shape(int64_t c0) const {
    if (!block)
      return {batch, c0, rows, cols};
    return {batch, c0 / block, rows, cols, block};
  }

  Program program(bool ideal) const {
    Program p;
    p.model = "conv.onnx";
    p.target = "hybrid-edge";
    p.chipYaml = std::string(chip::presetYaml("hybrid-edge"));
    p.precision = "exact";
    p.dramBytes = 1 << 20;
    p.sramBytes = 1 << 18;
    p.origins = {{"conv", "Conv", "g", "pcm", "f32", "test", 0, 0}};
    auto owner = std::make_shared<std::vector<float>>(w);
    uint64_t bytes = w.size() * 4, padded = (bytes + 63) / 64 * 64;
    owner->resize(padded / 4);
    p.blobs = {
        {reinterpret_cast<const std::byte *>(owner->data()), padded, owner}};
    p.segments = {{"x", SegmentKind::Scratch, 0, 1 << 16, -1},
                  {"y", SegmentKind::Scratch, 1 << 16, 1 << 16, -1},
                  {"w", SegmentKind::Constant, 1 << 17, padded, 0}};
    int64_t kCut = k() / 2 + 1, nCut = filters - 3;
    std::vector<int64_t> arrays, kOffsets, nOffsets;
    Queue write{"pcm", {}};
    for (int64_t ki = 0; ki < 2; ++ki)
      for (int64_t ni = 0; ni < 2; ++ni) {
        int64_t k0 = ki ? kCut : 0, k1 = ki ? k() : kCut;
        int64_t n0 = ni ? nCut : 0, n1 = ni ? filters : nCut;
        int64_t number = int64_t(p.arrays.size());
        p.arrays.push_back({"t" + std::to_string(number), "pcm",
                            uint32_t(k1 - k0), uint32_t(n1 - n0), 1, 0, 0,
                            uint32_t(number), 0});
        arrays.push_back(number);
        kOffsets.push_back(k0);
        nOffsets.push_back(n0);
        View view = sample::dram((1 << 17) + (k0 * filters + n0) * 4,
                                 {k1 - k0, n1 - n0});
        view.strides = {filters, 1};
        write.items.push_back(
            {sample::command(Op::ProgramArray, {view}, {},
                             {sample::ints("array", {number}),
                              sample::floats("scale", {0.5})})});
      }
    Entry programEntry;
    programEntry.name = "program";
    programEntry.body.nodes.push_back({Segment{{write}, 0}});
    p.entries.push_back(programEntry);

    Entry entry;
    entry.name = "infer";
    entry.inputs = {{"x", sample::dram(0, shape(channels))}};
    entry.outputs = {{"y", sample::dram(1 << 16, shape(filters))}};
    View xs = sample::sram(0, shape(channels));
    View ys = sample::sram(1 << 17, shape(filters));
    std::vector<Attr> attrs{sample::ints("arrays", arrays),
                            sample::ints("dilations", {1, 1})};
    if (ideal)
      attrs.push_back(sample::ints("ideal", {1}));
    attrs.push_back(sample::ints("k_offsets", kOffsets));
    attrs.push_back(sample::ints("kernel", {3, 3}));
    attrs.push_back(sample::ints("n_offsets", nOffsets));
    attrs.push_back(sample::ints("pads", {1, 1, 1, 1}));
    attrs.push_back(sample::ints("strides", {1, 1}));
    attrs.push_back(sample::ints("x_block", {block}));
    attrs.push_back(sample::ints("y_block", {block}));
    Queue load{"dma0", {}}, compute{"pcm", {}}, store{"dma1", {}};
    load.items.push_back({sample::signalling(
        sample::command(Op::Copy, {entry.inputs[0].view}, {xs}), {0})});
    compute.items.push_back({sample::signalling(
        sample::waiting(sample::command(Op::Mvm, {xs}, {ys}, attrs),
                        {{0, 1, {}}}),
        {1})});
    store.items.push_back({sample::waiting(
        sample::command(Op::Copy, {ys}, {entry.outputs[0].view}),
        {{1, 1, {}}})});
    entry.body.nodes.push_back({Segment{{load, store, compute}, 2}});
    p.entries.push_back(entry);
    return p;
  }

  /// Root mean square error relative to the exact result's.
  double error(Executor &executor) const {
    std::vector<float> in(x.size());
    for (int64_t n = 0; n < batch; ++n)
      for (int64_t c = 0; c < channels; ++c)
        for (int64_t r = 0; r < rows; ++r)
          for (int64_t q = 0; q < cols; ++q)
            in[at(channels, n, c, r, q)] =
                x[((n * channels + c) * rows + r) * cols + q];
    Status s = executor.setInput("x", in.data(), in.size() * 4);
    if (s)
      s = executor.run();
    EXPECT_TRUE(static_cast<bool>(s)) << s.error().message;
    std::vector<float> out = floatsOf(executor, "y");
    double square = 0, size = 0;
    for (int64_t n = 0; n < batch; ++n)
      for (int64_t m = 0; m < filters; ++m)
        for (int64_t r = 0; r < rows; ++r)
          for (int64_t q = 0; q < cols; ++q) {
            double want = y[((n * filters + m) * rows + r) * cols + q];
            double d = out[at(filters, n, m, r, q)] - want;
            square += d * d;
            size += want * want;
          }
    return std::sqrt(square / size);
  }
};

TEST(Executor, ConvolutionOnArrays) {
  for (int64_t block : {0, 16}) {
    ArrayConv conv(block);
    auto ideal = make(conv.program(true));
    ASSERT_TRUE(ideal);
    EXPECT_LT(conv.error(*ideal), 1e-6);
    ExecOptions quiet;
    quiet.noise = false;
    auto quantised = make(conv.program(false), quiet);
    ASSERT_TRUE(quantised);
    double steps = conv.error(*quantised);
    EXPECT_GT(steps, 1e-5);
    EXPECT_LT(steps, 0.05);
    auto noisy = make(conv.program(false));
    double noise = conv.error(*noisy);
    EXPECT_GT(noise, steps);
    EXPECT_LT(noise, 0.3);
  }
}

TEST(Executor, NoiseFollowsTheSeedAndNotTheThreads) {
  ArrayConv conv(16);
  auto bytesOf = [&](Executor &executor) {
    (void)conv.error(executor);
    return floatsOf(executor, "y");
  };
  std::vector<float> first, second;
  for (unsigned threads : {1u, 2u, 5u}) {
    ExecOptions options;
    options.threads = threads;
    options.seed = 7;
    auto executor = make(conv.program(false), options);
    ASSERT_TRUE(executor);
    std::vector<float> a = bytesOf(*executor), b = bytesOf(*executor);
    if (first.empty()) {
      first = a;
      second = b;
    }
    EXPECT_EQ(a, first);
    EXPECT_EQ(b, second);
    EXPECT_NE(a, b); // each run draws its own
    executor->reseed(8, 0);
    EXPECT_NE(bytesOf(*executor), first);
    executor->reseed(7, 0);
    EXPECT_EQ(bytesOf(*executor), first);
    executor->reseed(7, 1e7);
    EXPECT_NE(bytesOf(*executor), first);
  }
}

} // namespace
