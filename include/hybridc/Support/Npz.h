//===- Npz.h - NumPy's .npy and .npz files --------------------*- C++ -*-===//
//
// Reads and writes arrays of numbers: f2 f4 f8, i1…i8, u1…u8, b1, in C or
// Fortran order (converted to C order), either byte order. Entries of a .npz
// may be stored or deflated. Objects, records and strings are refused, as are
// files whose sizes contradict each other.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_SUPPORT_NPZ_H
#define HYBRIDC_SUPPORT_NPZ_H

#include "hybridc/Support/Result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hybridc {

/// One dense array in C order, little endian.
struct NpyArray {
  std::string name; ///< without ".npy"
  char kind = 'f';  ///< 'f', 'i', 'u' or 'b' (bool)
  unsigned itemBytes = 4;
  std::vector<int64_t> shape;
  std::vector<std::byte> bytes;
};

/// `what` is named in errors.
Result<NpyArray> parseNpy(std::span<const std::byte> file,
                          const std::string &what);
Result<std::vector<NpyArray>> parseNpz(std::span<const std::byte> file,
                                       const std::string &what);

Result<NpyArray> readNpy(const std::string &path);
/// In the order of the archive; a name that occurs twice is an error.
Result<std::vector<NpyArray>> readNpz(const std::string &path);

Status writeNpy(const std::string &path, const NpyArray &array);
/// Stored (not compressed), at 64-byte aligned data, without time stamps: the
/// same arrays give the same bytes. Written whole or not at all.
Status writeNpz(const std::string &path, std::span<const NpyArray> arrays);

} // namespace hybridc

#endif // HYBRIDC_SUPPORT_NPZ_H
