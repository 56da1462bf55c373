// NumPy files: round trips, files as numpy writes them, damaged ones.
#include "hybridc/Support/Npz.h"

#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <string>

using namespace hybridc;

namespace {

std::string pathOf(const char *name) { return testing::TempDir() + name; }

NpyArray arrayOf(std::string name, char kind, unsigned item,
                 std::vector<int64_t> shape) {
  NpyArray a;
  a.name = std::move(name);
  a.kind = kind;
  a.itemBytes = item;
  a.shape = std::move(shape);
  size_t n = item;
  for (int64_t e : a.shape)
    n *= size_t(e);
  for (size_t i = 0; i < n; ++i)
    a.bytes.push_back(std::byte(kind == 'b' ? i % 2 : i * 7));
  return a;
}

std::vector<std::byte> fileBytes(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

TEST(Npz, RoundTrip) {
  std::vector<NpyArray> arrays{
      arrayOf("x", 'f', 4, {2, 3}),        arrayOf("scalar", 'f', 8, {}),
      arrayOf("h/a:0", 'f', 2, {5}),       arrayOf("flags", 'b', 1, {3, 1}),
      arrayOf("empty", 'i', 8, {0, 4}),    arrayOf("bytes", 'u', 1, {70}),
      arrayOf("shorts", 'i', 2, {4, 1, 2})};
  std::string path = pathOf("round.npz");
  ASSERT_TRUE(static_cast<bool>(writeNpz(path, arrays)));
  auto read = readNpz(path);
  ASSERT_TRUE(static_cast<bool>(read)) << read.error().message;
  ASSERT_EQ(read->size(), arrays.size());
  for (size_t i = 0; i < arrays.size(); ++i) {
    EXPECT_EQ((*read)[i].name, arrays[i].name);
    EXPECT_EQ((*read)[i].kind, arrays[i].kind);
    EXPECT_EQ((*read)[i].itemBytes, arrays[i].itemBytes);
    EXPECT_EQ((*read)[i].shape, arrays[i].shape);
    EXPECT_EQ((*read)[i].bytes, arrays[i].bytes);
  }
  std::vector<std::byte> first = fileBytes(path);
  ASSERT_TRUE(static_cast<bool>(writeNpz(path, arrays)));
  EXPECT_EQ(fileBytes(path), first); // no time stamps
  ASSERT_TRUE(static_cast<bool>(writeNpy(path, arrays[0])));
  auto single = readNpy(path);
  ASSERT_TRUE(static_cast<bool>(single));
  EXPECT_EQ(single->bytes, arrays[0].bytes);
}

/// A .npy file with the given dictionary.
std::vector<std::byte> npy(std::string dict, size_t dataBytes) {
  dict += "\n";
  std::string file("\x93NUMPY\x01\x00", 8);
  file += char(dict.size() & 255);
  file += char(dict.size() >> 8);
  file += dict;
  for (size_t i = 0; i < dataBytes; ++i)
    file += char(i);
  std::vector<std::byte> bytes(file.size());
  std::memcpy(bytes.data(), file.data(), file.size());
  return bytes;
}

TEST(Npz, FortranOrderAndByteOrder) {
  auto a = parseNpy(
      npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", 6),
      "a");
  ASSERT_TRUE(static_cast<bool>(a));
  const int want[] = {0, 2, 4, 1, 3, 5};
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(std::to_integer<int>(a->bytes[i]), want[i]);
  auto b = parseNpy(
      npy("{'descr': '>i2', 'fortran_order': False, 'shape': (2,)}", 4), "b");
  ASSERT_TRUE(static_cast<bool>(b));
  EXPECT_EQ(std::to_integer<int>(b->bytes[0]), 1);
  EXPECT_EQ(std::to_integer<int>(b->bytes[1]), 0);
}

TEST(Npz, RefusesWhatContradictsItself) {
  const std::pair<const char *, size_t> cases[] = {
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 23},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 25},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 4},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': "
       "(4611686018427387904, "
       "4), }",
       0},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999"
       ",), }",
       4},
      {"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8},
      {"{'descr': '<U4', 'fortran_order': False, 'shape': (1,), }", 16},
      {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", 4},
      {"{'descr': '<f1', 'fortran_order': False, 'shape': (1,), }", 1},
      {"{'descr': '<f4', 'shape': (1,), }", 4},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)", 4},
      {"", 4}};
  for (const auto &[dict, bytes] : cases) {
    auto a = parseNpy(npy(dict, bytes), "a");
    ASSERT_FALSE(static_cast<bool>(a)) << dict;
    EXPECT_EQ(a.error().code, ExitCode::InvalidInput);
  }
}

TEST(Npz, ReadsDeflatedEntriesOfNumpy) {
  // numpy.savez_compressed(f, x=numpy.arange(40, dtype='<i2').reshape(5, 8))
  auto arrays =
      readNpz(std::string(HYBRIDC_TEST_DATA_DIR) + "/npz/compressed.npz");
  ASSERT_TRUE(static_cast<bool>(arrays)) << arrays.error().message;
  ASSERT_EQ(arrays->size(), 2u);
  const NpyArray &x = (*arrays)[0];
  EXPECT_EQ(x.name, "x");
  EXPECT_EQ(x.shape, (std::vector<int64_t>{5, 8}));
  for (int i = 0; i < 40; ++i)
    EXPECT_EQ(std::to_integer<int>(x.bytes[i * 2]), i);
  EXPECT_EQ((*arrays)[1].name, "t"); // the same, Fortran order
  EXPECT_EQ((*arrays)[1].bytes, x.bytes);
}

TEST(Npz, DamagedFilesAreRefusedOrRead) {
  std::vector<std::byte> good =
      fileBytes(std::string(HYBRIDC_TEST_DATA_DIR) + "/npz/compressed.npz");
  ASSERT_FALSE(good.empty());
  for (size_t n = 0; n < good.size(); ++n) {
    auto cut = parseNpz(std::span(good).first(n), "cut");
    EXPECT_FALSE(static_cast<bool>(cut)) << n;
  }
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    std::vector<std::byte> bad = good;
    for (int j = 0; j <= i % 4; ++j)
      bad[random() % bad.size()] = std::byte(random());
    (void)parseNpz(bad, "damaged");
  }
  // An entry that claims to be huge: 0xfffffff0 bytes unpacked.
  std::vector<std::byte> bomb = good;
  for (size_t i = 0; i + 46 < bomb.size(); ++i)
    if (std::memcmp(bomb.data() + i, "PK\x01\x02", 4) == 0)
      std::memcpy(bomb.data() + i + 24, "\xf0\xff\xff\xff", 4);
  auto refused = parseNpz(bomb, "bomb");
  ASSERT_FALSE(static_cast<bool>(refused));
  EXPECT_NE(refused.error().message.find("claims"), std::string::npos);
}

TEST(Npz, MissingFiles) {
  EXPECT_FALSE(static_cast<bool>(readNpz(pathOf("no-such-file.npz"))));
  EXPECT_FALSE(static_cast<bool>(readNpz(testing::TempDir())));
  NpyArray a = arrayOf("x", 'f', 4, {1});
  EXPECT_FALSE(static_cast<bool>(writeNpy(pathOf("no/such/folder.npy"), a)));
}

} // namespace
