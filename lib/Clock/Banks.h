//===- Banks.h - Which banks of the scratchpad a command uses -*- C++ -*-===//
//
// Byte a lies in bank ⌊a / interleave⌋ mod banks. A port serves one word of a
// bank in a cycle, however few of its bytes are asked for. From the strides of
// a command's operands follow the banks that it touches and how its words are
// divided among them; nothing is enumerated, so that a command costs the same
// however large its operands are. What is simplified:
//  - the words of an operand are divided evenly among the banks it touches;
//  - words that no bank has more than one of are no conflict of the command
//    with itself: a queue in front of the banks hides them;
//  - more than 64 banks are told apart only in groups of neighbours when
//    several commands meet;
//  - an operand that hardware loops move counts in every bank that it visits.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_CLOCK_BANKS_H
#define HYBRIDC_LIB_CLOCK_BANKS_H

#include "Share.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Stream/Program.h"

namespace hybridc::exec::clock {

/// How a command uses the banks. Words are relative to those of the same
/// operands spread evenly over all banks, in whole words: such a command has
/// skew 1 and even 1.
struct BankUse {
  /// Words at the busiest bank, of the command alone (chip::Work::bankSkew).
  double skew = 1;
  /// When others are there, too: at every bank, and more in those of `mask`.
  double even = 0, focused = 0;
  uint64_t mask = 0;
};

class Banks {
public:
  explicit Banks(const chip::Sram &sram);

  /// `blockTrips` and `trips`: counts of the block loops and Repeats around.
  BankUse useOf(const stream::Command &command,
                const std::vector<uint64_t> &blockTrips,
                const std::vector<uint64_t> &trips) const;

private:
  uint64_t count, interleave, period; ///< of banks; bytes; bytes of one round
  double word;                        ///< bytes
  double perWord;                     ///< words in a byte
  double oneEach;                     ///< words: at most one of each bank
  uint32_t groups;                    ///< bits of a mask
  uint64_t all;                       ///< mask of all groups

  /// The words of one operand.
  struct Pattern {
    double words, bytes;
    double banks; ///< distinct banks, of one place of the operand
    uint64_t mask;

    double perBank() const { return words / banks; }
  };
  struct Dim {
    uint64_t stride, extent; ///< bytes, places
  };

  bool patternOf(const stream::View &view,
                 const std::vector<uint64_t> &blockTrips,
                 const std::vector<uint64_t> &trips, Pattern &pattern) const;
  uint64_t rotated(uint64_t mask, uint64_t by) const;
  /// The groups of `mask`, at `extent` places `stride` bytes apart.
  uint64_t repeated(uint64_t mask, Dim dim) const;
  uint64_t maskOf(uint64_t address, uint64_t bytes) const;
};

} // namespace hybridc::exec::clock

#endif // HYBRIDC_LIB_CLOCK_BANKS_H
