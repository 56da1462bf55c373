// Skipping transfers changes no value: random programs on a crowded scratchpad.
#include "RunOnce.h"

#include "Sample.h"
#include "hybridc/Stream/VecIsa.h"

#include <cstring>
#include <gtest/gtest.h>
#include <random>

using namespace hybridc;
using namespace hybridc::stream;
using exec::ExecOptions;

namespace {

constexpr int64_t kSram = 512, kRegion = 512;
constexpr uint64_t kConstant = 0, kInput = 1024, kOutput = 2048;

class Maker {
public:
  explicit Maker(unsigned seed) : random(seed) {}

  Program program() {
    Program p = sample::pipeline(); // for its vector program and chip
    p.sramBytes = kSram;
    p.segments = {{"c", SegmentKind::Constant, kConstant, kRegion, 0},
                  {"x", SegmentKind::Scratch, kInput, kRegion, -1},
                  {"y", SegmentKind::Scratch, kOutput, kRegion, -1}};
    auto owner = std::make_shared<std::vector<float>>();
    for (int64_t i = 0; i < kRegion / 4; ++i)
      owner->push_back(float(below(1000)) / 8);
    p.blobs = {
        {reinterpret_cast<const std::byte *>(owner->data()), kRegion, owner}};
    Entry entry;
    entry.name = "infer";
    entry.inputs = {{"x", sample::dram(kInput, {kRegion / 4})}};
    entry.outputs = {{"y", sample::dram(kOutput, {kRegion / 4})}};
    Segment segment;
    segment.queues = {{"dma0", {}}, {"vec", {}}, {"dma1", {}}};
    segment.numSemaphores = 3;
    // Everything has a value before anything is read.
    chain.append(segment, 0, fill(sample::sram(0, {kSram / 4})));
    chain.append(segment, 0, fill(sample::dram(kOutput, {kRegion / 4})));
    for (int i = 0, n = 5 + int(below(60)); i < n; ++i)
      addRandom(segment);
    // What is left in the scratchpad shows in most of the programs: to the
    // same segment, or to one that comes after it.
    Command show = sample::command(Op::Copy, {sample::sram(0, {kSram / 4})},
                                   {sample::dram(kOutput, {kSram / 4})});
    uint64_t how = below(3);
    if (how == 1)
      chain.append(segment, 0, show);
    entry.body.nodes = {{segment}};
    if (how == 2)
      entry.body.nodes.push_back({Segment{{{"dma0", {{show}}}}, 0}});
    p.entries = {entry};
    return p;
  }

private:
  uint64_t below(uint64_t n) { return random() % n; }

  Command fill(View to) {
    return sample::command(Op::Fill, {}, {std::move(to)},
                           {sample::ints("bits", {int64_t(below(1 << 30))})});
  }

  View place(const std::vector<int64_t> &shape, int where) {
    int64_t gap = below(3) == 0 ? int64_t(below(3)) : 0;
    bool columns = below(8) == 0;
    View view = sample::sram(0, shape);
    view.strides = columns ? std::vector<int64_t>{1, shape[0] + gap}
                           : std::vector<int64_t>{shape[1] + gap, 1};
    int64_t extent =
        (shape[0] - 1) * view.strides[0] + (shape[1] - 1) * view.strides[1] + 1;
    // Few addresses, so that views often coincide.
    int64_t slot = 4 * int64_t(1 + below(8));
    int64_t room = (where == 0 ? kSram : kRegion) / 4 - extent;
    int64_t at = int64_t(below(uint64_t(room + 1))) / slot * slot;
    view.space = where == 0 ? Space::Sram : Space::Dram;
    view.address = uint64_t(at) * 4 + (where == 1   ? kConstant
                                       : where == 2 ? kInput
                                       : where == 3 ? kOutput
                                                    : 0);
    return view;
  }

  static bool overlap(const View &a, const View &b) {
    auto end = [](const View &v) {
      int64_t n = 1;
      for (size_t d = 0; d < 2; ++d)
        n += (v.shape[d] - 1) * v.strides[d];
      return v.address + uint64_t(n) * 4;
    };
    return a.space == b.space && a.address < end(b) && b.address < end(a);
  }

  void addRandom(Segment &segment) {
    std::vector<int64_t> shape{int64_t(1 + below(3)),
                               int64_t(4 * (1 + below(4)))};
    if (!recent.empty() && below(2))
      shape = recent[below(recent.size())].shape;
    auto pick = [&](bool write) {
      // Often a view that was used before.
      for (int tries = 0; tries < 4 && !recent.empty() && below(4); ++tries) {
        const View &v = recent[below(recent.size())];
        if (v.shape == shape &&
            !(write && v.space == Space::Dram && v.address < kInput))
          return v;
      }
      return place(shape, write ? int(below(2)) * 3 : int(below(4)));
    };
    for (int tries = 0; tries < 50; ++tries) {
      View a = pick(false), b = pick(false), y = pick(true);
      bool vec = below(3) == 0;
      // In place only as the very same view.
      if ((overlap(a, y) && !(vec && a == y)) ||
          (vec && overlap(b, y) && b != y))
        continue;
      recent.push_back(a);
      recent.push_back(y);
      if (recent.size() > 12)
        recent.erase(recent.begin(), recent.begin() + 2);
      if (!vec) {
        chain.append(segment, below(2) ? 0 : 2,
                     sample::command(Op::Copy, {a}, {y}));
        return;
      }
      if (a.space == Space::Dram || b.space == Space::Dram ||
          y.space == Space::Dram)
        continue; // vec works on the scratchpad
      chain.append(segment, 1,
                   sample::command(Op::Vec, {a, b}, {y},
                                   {sample::ints("program", {0})}));
      return;
    }
  }

  std::mt19937_64 random;
  exec::test::Chain chain;
  std::vector<View> recent;
};

TEST(Elide, ChangesNoValue) {
  uint64_t before = 0, after = 0;
  for (unsigned seed = 0; seed < 3000; ++seed) {
    Program program = Maker(seed).program();
    std::vector<std::byte> reference;
    for (int variant = 0; variant < 3; ++variant) {
      ExecOptions options;
      options.threads = 1;
      options.unroll = variant > 0;
      options.elideCopies = variant > 1;
      auto outcome = exec::test::runOnce(program, options, kRegion / 4, seed);
      ASSERT_TRUE(outcome.has_value());
      if (variant == 0)
        reference = outcome->bytes;
      ASSERT_TRUE(outcome->bytes == reference)
          << "seed " << seed << " variant " << variant;
      (variant == 2 ? after : before) += outcome->executed;
    }
  }
  // And it does something.
  EXPECT_LT(after, before / 2 * 0.9);
}

} // namespace
