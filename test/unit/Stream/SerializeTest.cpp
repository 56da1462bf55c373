//===- SerializeTest.cpp - What is written reads back equal ---------------===//
#include "Sample.h"

#include "hybridc/Stream/Serialize.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

using namespace hybridc;
using namespace hybridc::stream;

namespace {

template <typename E> E anyOf(unsigned count) {
  return static_cast<E>(*rc::gen::inRange(0u, count));
}
std::string anyText() {
  return *rc::gen::resize(6, rc::gen::arbitrary<std::string>());
}
template <typename T> T any() { return *rc::gen::arbitrary<T>(); }
template <typename T> std::vector<T> anyList() {
  return *rc::gen::resize(4, rc::gen::arbitrary<std::vector<T>>());
}
template <typename F> auto several(F make) {
  std::vector<decltype(make())> result;
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i)
    result.push_back(make());
  return result;
}

View anyView() {
  return {anyOf<Space>(2),    anyOf<DType>(kNumDTypes), any<uint64_t>(),
          anyList<int64_t>(), anyList<int64_t>(),       anyList<int64_t>()};
}

Command anyCommand() {
  Command c;
  c.op = anyOf<Op>(kNumOps);
  c.ins = several(anyView);
  c.outs = several(anyView);
  c.attrs = several([] {
    return Attr{anyText(),
                anyOf<AttrKind>(3),
                anyList<int64_t>(),
                {0.5, -1e300, double(any<int32_t>())},
                anyText()};
  });
  c.waits = several([] {
    return Wait{any<uint32_t>(), any<uint64_t>(), anyList<int64_t>()};
  });
  c.signals = anyList<uint32_t>();
  c.origin = any<uint32_t>();
  return c;
}

std::vector<Item> anyItems(unsigned depth) {
  return several([&]() -> Item {
    if (depth < kMaxRepeatDepth && *rc::gen::inRange(0, 3) == 0)
      return {Repeat{any<uint64_t>(), anyItems(depth + 1)}};
    return {anyCommand()};
  });
}

Block anyBlock(unsigned depth) {
  return {several([&]() -> Node {
    int pick = depth < 4 ? *rc::gen::inRange(0, 4) : 0;
    if (pick == 2)
      return {If{anyView(), anyBlock(depth + 1), anyBlock(depth + 1),
                 any<uint32_t>()}};
    if (pick == 3)
      return {Loop{any<uint64_t>(), several(anyView), several(anyView),
                   anyBlock(depth + 1), any<uint32_t>()}};
    return {Segment{several([] { return Queue{anyText(), anyItems(0)}; }),
                    any<uint32_t>()}};
  })};
}

Program anyProgram() {
  Program p;
  p.model = anyText();
  p.target = anyText();
  p.chipYaml = anyText();
  p.precision = anyText();
  p.dramBytes = any<uint64_t>();
  p.sramBytes = any<uint64_t>();
  p.sramLowerBoundBytes = any<uint64_t>();
  p.segments = several([] {
    return DramSegment{anyText(), anyOf<SegmentKind>(3), any<uint64_t>(),
                       any<uint64_t>(), any<int32_t>()};
  });
  p.blobs = several([] { return sample::blob(*rc::gen::inRange(0, 200)); });
  p.vecPrograms = several([] {
    return VecProgram{
        anyText(), any<uint16_t>(), any<uint16_t>(),
        several([] { return anyOf<DType>(kNumDTypes); }), several([] {
          return VecInstr{any<uint8_t>(),  anyOf<DType>(kNumDTypes),
                          any<uint16_t>(), any<uint16_t>(),
                          any<uint16_t>(), any<uint16_t>(),
                          any<uint64_t>()};
        })};
  });
  p.arrays = several([] {
    return ArrayTile{
        anyText(),           anyText(),           any<uint32_t>(),
        any<uint32_t>(),     any<uint32_t>(),     any<uint32_t>(),
        any<uint8_t>(),      any<uint32_t>(),     any<uint32_t>(),
        anyList<uint32_t>(), anyList<uint32_t>(), anyList<uint8_t>()};
  });
  p.faults = anyText();
  p.horizon_s = double(any<int>());
  p.recalibrations = several([] {
    return Recalibration{anyText(), several([] { return double(any<int>()); })};
  });
  p.origins = several([] {
    return Origin{anyText(), anyText(), anyText(), anyText(),
                  anyText(), anyText(), 1.5,       double(any<int>())};
  });
  p.entries = several([] {
    auto bindings = [] {
      return several([] { return Binding{anyText(), anyView()}; });
    };
    return Entry{anyText(), bindings(), bindings(), anyBlock(0)};
  });
  return p;
}

std::string path(const char *name) { return testing::TempDir() + name; }

std::string errorOf(const std::vector<std::byte> &bytes) {
  auto read = readProgramBytes(bytes.data(), bytes.size(), "a.hyb");
  return read ? "read" : read.error().message;
}

} // namespace

TEST(Serialize, AnyProgramReadsBackEqual) {
  EXPECT_TRUE(rc::check([] {
    Program program = anyProgram();
    auto bytes = writeProgramBytes(program);
    RC_ASSERT(bool(bytes));
    auto read = readProgramBytes(bytes->data(), bytes->size());
    RC_ASSERT(bool(read));
    RC_ASSERT(*read == program);
    auto again = writeProgramBytes(*read);
    RC_ASSERT(*again == *bytes);
  }));
}

TEST(Serialize, FileEqualsBytesAndBlobsAreMapped) {
  for (Program program :
       {sample::pipeline(), sample::analog(), sample::recalibrated(),
        sample::training(), sample::control(), Program()}) {
    std::string file = path("round.hyb");
    auto status = writeProgram(program, file);
    ASSERT_TRUE(status) << status.error().message;
    std::ifstream stream(file, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(stream)), {});
    auto bytes = writeProgramBytes(program);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(text, std::string(reinterpret_cast<const char *>(bytes->data()),
                                bytes->size()));
    auto read = readProgram(file);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, program);
    for (const Blob &blob : read->blobs)
      EXPECT_EQ(reinterpret_cast<uintptr_t>(blob.data) % kBlobAlignment, 0u);
    // The mapping outlives the file's name.
    std::remove(file.c_str());
    EXPECT_EQ(*read, program);
  }
}

TEST(Serialize, NothingIsLeftBehindWhenWritingFails) {
  std::string folder = path("no-such-folder/");
  auto status = writeProgram(sample::pipeline(), folder + "a.hyb");
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find(folder + "a.hyb"), std::string::npos);
  // A name that cannot be replaced: a folder that is not empty.
  std::filesystem::create_directories(path("dir.hyb/inside"));
  EXPECT_FALSE(writeProgram(sample::pipeline(), path("dir.hyb")));
  for (const auto &entry : std::filesystem::directory_iterator(path("")))
    EXPECT_EQ(entry.path().filename().string().find("dir.hyb.tmp"),
              std::string::npos);
}

TEST(Serialize, DevicesAreWrittenNotReplaced) {
  EXPECT_TRUE(writeProgram(sample::pipeline(), "/dev/null"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(Serialize, ABlobWithoutDataIsRefused) {
  Program program = sample::pipeline();
  program.blobs[0].data = nullptr;
  EXPECT_FALSE(writeProgramBytes(program));
}

// (F1) magic and version
TEST(Serialize, F1_MagicAndVersion) {
  auto bytes = *writeProgramBytes(sample::pipeline());
  auto bad = bytes;
  bad[0] = std::byte('X');
  EXPECT_EQ(errorOf(bad), "a.hyb: is not a command stream (.hyb)");
  bad = bytes;
  bad[4] = std::byte(2);
  EXPECT_NE(errorOf(bad).find(fmt::format("is of format 2.{}", kFormatMinor)),
            std::string::npos);
  bad = bytes;
  bad[6] = std::byte(kFormatMinor + 1);
  EXPECT_NE(errorOf(bad).find("is of format 1."), std::string::npos);
  EXPECT_EQ(errorOf({}), "a.hyb: is not a command stream (.hyb)");
}

// (F2) sizes in the header
TEST(Serialize, F2_EveryPrefixIsRefused) {
  auto bytes = *writeProgramBytes(sample::pipeline());
  for (size_t size = 0; size < bytes.size(); ++size)
    ASSERT_FALSE(readProgramBytes(bytes.data(), size)) << size;
  bytes.resize(bytes.size() + 1);
  EXPECT_NE(errorOf(bytes).find("cut off or damaged"), std::string::npos);
}

TEST(Serialize, F2_HeaderFieldsAtTheirLimits) {
  auto bytes = *writeProgramBytes(sample::pipeline());
  for (size_t field : {8, 16, 24, 32, 56})
    for (uint64_t value :
         {uint64_t(0), uint64_t(1), uint64_t(bytes.size()), uint64_t(1) << 31,
          uint64_t(1) << 63, ~uint64_t(0)}) {
      auto bad = bytes;
      for (unsigned i = 0; i < 8; ++i)
        bad[field + i] = std::byte(value >> (8 * i));
      if (bad != bytes) {
        EXPECT_NE(errorOf(bad), "read") << field << " " << value;
      }
    }
}

// (F3), (F6), (F7) any damage to the table: an error or another program
TEST(Serialize, F3_FlippedBitsNeverCrash) {
  auto bytes = *writeProgramBytes(sample::control());
  unsigned refused = 0;
  for (size_t i = 64; i < bytes.size(); ++i)
    for (unsigned bit = 0; bit < 8; bit += 3) {
      auto bad = bytes;
      bad[i] ^= std::byte(1u << bit);
      refused += errorOf(bad) != "read";
    }
  EXPECT_GT(refused, 100u);
}

// (F8) nesting
TEST(Serialize, F8_NestingIsLimited) {
  auto nestedRepeats = [](unsigned depth) {
    std::vector<Item> items;
    for (unsigned i = 0; i < depth; ++i)
      items = {{Repeat{1, items}}};
    Program program;
    Entry entry;
    entry.body.nodes = {{Segment{{{"dma0", items}}, 0}}};
    program.entries = {entry};
    return program;
  };
  EXPECT_TRUE(writeProgramBytes(nestedRepeats(kMaxRepeatDepth)));
  EXPECT_FALSE(writeProgramBytes(nestedRepeats(kMaxRepeatDepth + 1)));

  auto nestedLoops = [](unsigned depth) {
    Block block;
    for (unsigned i = 0; i < depth; ++i) {
      Loop loop;
      loop.body = block;
      block = {{{loop}}};
    }
    Program program;
    Entry entry;
    entry.body = block;
    program.entries = {entry};
    return program;
  };
  Program deep = nestedLoops(kMaxBlockDepth);
  auto bytes = writeProgramBytes(deep);
  ASSERT_TRUE(bytes);
  auto read = readProgramBytes(bytes->data(), bytes->size());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, deep);
  EXPECT_FALSE(writeProgramBytes(nestedLoops(kMaxBlockDepth + 1)));
}
