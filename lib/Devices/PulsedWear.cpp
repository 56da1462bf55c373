//===- PulsedWear.cpp - Cells that pulses wear out ------------------------===//

#include "PulsedArrayImpl.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hybridc::exec {

using namespace detail;

void PulsedArray::setWear(const WearRule &rule) {
  Impl &a = *impl;
  size_t n = a.rows * a.cols;
  a.wear = rule;
  a.used.assign(n, 0);
  a.failed.assign(n, 0);
  a.life.assign(n, std::numeric_limits<uint64_t>::max());
  a.endsHigh.assign(n, 0);
  a.allowed.resize(a.block * a.cols);
  if (!(rule.endurance > 0) || rule.worn == WornCell::None)
    return;
  auto z = a.draw(Draw::Endurance), side = a.draw(Draw::WornEnd);
  for (size_t i = 0; i < n; ++i) {
    // More than any program sends; a conversion of it stays defined.
    double most = 1e18;
    a.life[i] = uint64_t(std::clamp(
        std::round(rule.endurance * std::exp(rule.spread * double(z[i]))), 1.0,
        most));
    a.endsHigh[i] = side[i] > 0;
  }
}

std::span<const uint64_t> PulsedArray::pulses() const { return impl->used; }
std::span<const uint8_t> PulsedArray::worn() const { return impl->failed; }

void PulsedArray::addWrites(uint64_t pulses) {
  impl->written += pulses;
  if (!impl->used.empty())
    impl->failWorn(0, impl->hidden.size());
}

const int32_t *PulsedArray::Impl::wearDown(size_t at, size_t n,
                                           const int32_t *counts) {
  allowed.resize(std::max(allowed.size(), n));
  for (size_t i = 0; i < n; ++i) {
    uint64_t sent = uint64_t(std::abs(int64_t(counts[i])));
    uint64_t before = used[at + i] + written;
    uint64_t left = life[at + i] - std::min(life[at + i], before);
    used[at + i] += sent;
    int32_t moves = int32_t(std::min(sent, left));
    allowed[i] = counts[i] < 0 ? -moves : moves;
  }
  return allowed.data();
}

void PulsedArray::Impl::failWorn(size_t at, size_t n) {
  if (used.empty())
    return;
  for (size_t i = at; i < at + n; ++i) {
    if (failed[i] || used[i] + written < life[i])
      continue;
    failed[i] = 1;
    float least = std::clamp(float(device.wMin), low[i], high[i]);
    float largest = std::clamp(float(device.wMax), low[i], high[i]);
    float stays = visible[i];
    if (wear.worn == WornCell::Low ||
        (wear.worn == WornCell::Ends && !endsHigh[i]))
      stays = least;
    else if (wear.worn != WornCell::Hold)
      stays = largest;
    // Whatever is done to it, it is clipped to where it is.
    hidden[i] = visible[i] = low[i] = high[i] = stays;
  }
}

} // namespace hybridc::exec
