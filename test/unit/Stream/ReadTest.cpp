//===- ReadTest.cpp - Tables that no writer writes ------------------------===//
//
// Built from the schema directly: valid FlatBuffers, but not valid streams.
//
//===----------------------------------------------------------------------===//
#include "hybridc/Stream/Serialize.h"

#include "stream_generated.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>

using namespace hybridc::stream;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

namespace {

/// A file around a finished table, with `blobBytes` behind it.
std::string readBack(FlatBufferBuilder &builder, size_t blobBytes = 0) {
  size_t size = builder.GetSize();
  size_t area = (64 + size + 63) / 64 * 64;
  std::vector<std::byte> bytes(area + blobBytes);
  auto put = [&](size_t at, uint64_t value, unsigned count) {
    for (unsigned i = 0; i < count; ++i)
      bytes[at + i] = std::byte(value >> (8 * i));
  };
  std::memcpy(bytes.data(), "HYBC", 4);
  put(4, kFormatMajor, 2);
  put(6, kFormatMinor, 2);
  put(8, 64, 8);
  put(16, size, 8);
  put(24, bytes.size(), 8);
  std::memcpy(&bytes[64], builder.GetBufferPointer(), size);
  auto program = readProgramBytes(bytes.data(), bytes.size(), "a.hyb");
  return program ? "read" : program.error().message;
}

using Blobs = std::vector<std::pair<uint64_t, uint64_t>>;

std::string withBlobs(const Blobs &blobs, size_t blobBytes) {
  FlatBufferBuilder builder;
  std::vector<Offset<fb::Blob>> list;
  for (auto [offset, bytes] : blobs)
    list.push_back(fb::CreateBlob(builder, offset, bytes));
  auto vector = builder.CreateVector(list);
  fb::ProgramBuilder program(builder);
  program.add_blobs(vector);
  fb::FinishProgramBuffer(builder, program.Finish());
  return readBack(builder, blobBytes);
}

/// A program of one entry whose only node `make` builds.
std::string
withNode(const std::function<Offset<fb::Node>(FlatBufferBuilder &)> &make) {
  FlatBufferBuilder builder;
  auto node = make(builder);
  auto block = fb::CreateBlock(
      builder, builder.CreateVector(std::vector<Offset<fb::Node>>{node}));
  auto entry = fb::CreateEntry(builder, 0, 0, 0, block);
  auto entries = builder.CreateVector(std::vector<Offset<fb::Entry>>{entry});
  fb::ProgramBuilder program(builder);
  program.add_entries(entries);
  fb::FinishProgramBuffer(builder, program.Finish());
  return readBack(builder);
}

Offset<fb::Node> nodeWithItem(FlatBufferBuilder &builder,
                              Offset<fb::Item> item) {
  auto items = builder.CreateVector(std::vector<Offset<fb::Item>>{item});
  auto queue = fb::CreateQueue(builder, 0, items);
  auto queues = builder.CreateVector(std::vector<Offset<fb::Queue>>{queue});
  return fb::CreateNode(builder, fb::CreateSegment(builder, queues, 0));
}

Offset<fb::Block> emptyBlock(FlatBufferBuilder &builder) {
  return fb::CreateBlock(builder);
}

} // namespace

TEST(Read, AnEmptyTableIsAnEmptyProgram) {
  EXPECT_EQ(withBlobs({}, 0), "read");
  FlatBufferBuilder builder;
  fb::FinishProgramBuffer(builder, fb::CreateProgram(builder));
  EXPECT_EQ(readBack(builder), "read");
}

TEST(Read, F3_AnotherSchemaIsRefused) {
  FlatBufferBuilder builder;
  builder.Finish(fb::CreateProgram(builder)); // without file identifier
  EXPECT_EQ(readBack(builder), "a.hyb: its table is damaged");
}

TEST(Read, F4_Blobs) {
  EXPECT_EQ(withBlobs({{0, 100}, {128, 4}}, 132), "read");
  EXPECT_EQ(withBlobs({{0, 100}, {100, 4}}, 132), "a.hyb: blob 1 is misplaced");
  EXPECT_EQ(withBlobs({{64, 4}}, 68), "a.hyb: blob 0 is misplaced");
  EXPECT_EQ(withBlobs({{0, 133}}, 132), "a.hyb: blob 0 is misplaced");
  EXPECT_EQ(withBlobs({{0, ~uint64_t(0)}}, 132), "a.hyb: blob 0 is misplaced");
  EXPECT_EQ(withBlobs({{0, ~uint64_t(0) - 62}, {0, 4}}, 132),
            "a.hyb: blob 0 is misplaced");
  EXPECT_EQ(withBlobs({{0, 100}}, 132),
            "a.hyb: the file's size does not follow from its blobs");
}

TEST(Read, F5_SharedPartsAreRefused) {
  // One view of 200 extents, a thousand times: 100 KB would become megabytes.
  auto build = [](size_t times) {
    return withNode([=](FlatBufferBuilder &builder) {
      std::vector<int64_t> extents(200, 1);
      auto shape = builder.CreateVector(extents);
      auto view = fb::CreateView(builder, 0, 0, 0, shape);
      auto views =
          builder.CreateVector(std::vector<Offset<fb::View>>(times, view));
      auto command = fb::CreateCommand(builder, 0, views);
      return nodeWithItem(builder, fb::CreateItem(builder, command));
    });
  };
  EXPECT_EQ(build(1), "read");
  EXPECT_EQ(build(1000), "a.hyb: parts of its table are shared");
}

TEST(Read, F5_SharingCannotGrowWithoutBound) {
  // Each block holds the one before sixteen times: 16^8 nodes.
  std::string error = withNode([](FlatBufferBuilder &builder) {
    auto block = emptyBlock(builder);
    Offset<fb::Node> node;
    for (int i = 0; i < 8; ++i) {
      node = fb::CreateNode(builder, 0, 0,
                            fb::CreateLoop(builder, 1, 0, 0, block));
      block = fb::CreateBlock(
          builder,
          builder.CreateVector(std::vector<Offset<fb::Node>>(16, node)));
    }
    return node;
  });
  EXPECT_EQ(error, "a.hyb: its table is damaged");
}

TEST(Read, F6_Enumerations) {
  auto view = [](uint8_t space, uint8_t type) {
    return withNode([=](FlatBufferBuilder &builder) {
      auto condition = fb::CreateView(builder, space, type);
      auto block = emptyBlock(builder);
      return fb::CreateNode(builder, 0,
                            fb::CreateIf(builder, condition, block, block));
    });
  };
  EXPECT_EQ(view(1, kNumDTypes - 1), "read");
  EXPECT_EQ(view(2, 0), "a.hyb: 2 is no memory space");
  EXPECT_EQ(view(0, kNumDTypes), "a.hyb: 13 is no element type");
  EXPECT_EQ(withNode([](FlatBufferBuilder &builder) {
              auto command = fb::CreateCommand(builder, kNumOps);
              return nodeWithItem(builder, fb::CreateItem(builder, command));
            }),
            "a.hyb: 17 is no command");
}

TEST(Read, F7_MissingAndDoubledParts) {
  EXPECT_EQ(withNode([](FlatBufferBuilder &builder) {
              return fb::CreateNode(builder);
            }),
            "a.hyb: a node is not exactly one of segment, branch and loop");
  EXPECT_EQ(withNode([](FlatBufferBuilder &builder) {
              auto segment = fb::CreateSegment(builder);
              auto loop = fb::CreateLoop(builder);
              return fb::CreateNode(builder, segment, 0, loop);
            }),
            "a.hyb: a node is not exactly one of segment, branch and loop");
  EXPECT_EQ(withNode([](FlatBufferBuilder &builder) {
              return fb::CreateNode(builder, 0, 0, fb::CreateLoop(builder));
            }),
            "a.hyb: the body of a loop is missing");
  EXPECT_EQ(withNode([](FlatBufferBuilder &builder) {
              auto block = emptyBlock(builder);
              return fb::CreateNode(builder, 0,
                                    fb::CreateIf(builder, 0, block, block));
            }),
            "a.hyb: a condition is missing");
  EXPECT_EQ(withNode([](FlatBufferBuilder &builder) {
              return nodeWithItem(builder, fb::CreateItem(builder));
            }),
            "a.hyb: an item is not exactly one of command and repeat");
  FlatBufferBuilder builder;
  auto entry = fb::CreateEntry(builder);
  auto entries = builder.CreateVector(std::vector<Offset<fb::Entry>>{entry});
  fb::ProgramBuilder program(builder);
  program.add_entries(entries);
  fb::FinishProgramBuffer(builder, program.Finish());
  EXPECT_EQ(readBack(builder), "a.hyb: the body of an entry is missing");
}
