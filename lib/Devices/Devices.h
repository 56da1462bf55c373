//===- Devices.h - The constructors of the device models -------*- C++ -*-===//
//
// Private to lib/Devices: what the factory's table points at.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_DEVICES_DEVICES_H
#define HYBRIDC_LIB_DEVICES_DEVICES_H

#include "hybridc/Devices/InferenceDevice.h"

namespace hybridc::exec::detail {

using DeviceResult = Result<std::unique_ptr<InferenceDevice>>;

DeviceResult makePcm(const DeviceParams &params);
DeviceResult makePcmHermes(const DeviceParams &params);
DeviceResult makePcmHermesSingle(const DeviceParams &params);
DeviceResult makeRramWan2022(const DeviceParams &params);
DeviceResult makeRramCmoHfox(const DeviceParams &params);
DeviceResult makeIdeal(const DeviceParams &params);
DeviceResult makeMram(const DeviceParams &params);
DeviceResult makeFeram(const DeviceParams &params);
DeviceResult makeFlash(const DeviceParams &params);
DeviceResult makePcmCustom(const DeviceParams &params);
DeviceResult makeStateIndependent(const DeviceParams &params);

/// The g_max that a programming polynomial in µS belongs to, as the default of
/// a field: the fit's own; but coefficients that someone sets are meant for the
/// g_max in force, as aihwkit takes them.
double programReference(const DeviceParams &params, double fitted, double gMax);

/// Cells handled at a time, so that their Gaussians stay in the first cache.
inline constexpr size_t cellBlock = 512;

/// Calls fn(offset, count, gaussians) for runs of at most cellBlock cells.
template <typename Fn>
void forCellBlocks(size_t n, Key key, uint64_t first, Fn fn) {
  alignas(64) float noise[cellBlock];
  for (size_t at = 0; at < n; at += cellBlock) {
    size_t count = n - at < cellBlock ? n - at : cellBlock;
    gaussians(key, first + at, noise, count);
    fn(at, count, noise);
  }
}

/// As above with two independent Gaussians per cell.
template <typename Fn>
void forCellBlocks(size_t n, Key key, Key otherKey, uint64_t first, Fn fn) {
  alignas(64) float noise[cellBlock], other[cellBlock];
  for (size_t at = 0; at < n; at += cellBlock) {
    size_t count = n - at < cellBlock ? n - at : cellBlock;
    gaussians(key, first + at, noise, count);
    gaussians(otherKey, first + at, other, count);
    fn(at, count, noise, other);
  }
}

} // namespace hybridc::exec::detail

#endif // HYBRIDC_LIB_DEVICES_DEVICES_H
