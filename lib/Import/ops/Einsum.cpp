//===- Einsum.cpp - Sums of products by index letters ---------------------===//
//
// Operands are contracted two at a time from the left. Of a pair's letters,
// those in both and needed later are batch dimensions, those in both and not
// needed are contracted, the rest are the rows and columns of a matmul.
//
//===----------------------------------------------------------------------===//

#include "../Node.h"
#include "../Table.h"

#include <map>
#include <string>

using namespace mlir;

namespace hybridc::import {
namespace {

/// A tensor whose dimensions are named. Letters are themselves, dimensions of
/// an ellipsis the bytes from 1 on, counted from the last.
struct Term {
  Value value;
  std::string letters;
};

class Einsum {
public:
  Einsum(Node &n) : n(n) {}

  Value run() {
    parse(n.stringAttr("equation", ""));
    SmallVector<Value> inputs = n.allInputs();
    if (inputs.size() != spelled.size())
      n.invalid(fmt::format("the equation has {} operands, the node {}",
                            spelled.size(), inputs.size()));
    std::vector<Term> terms;
    for (size_t i = 0; i < inputs.size(); ++i)
      terms.push_back(diagonal(named(inputs[i], spelled[i])));
    nameResult();
    Term sum = terms[0];
    for (size_t i = 1; i < terms.size(); ++i) {
      std::string later = result;
      for (size_t j = i + 1; j < terms.size(); ++j)
        later += terms[j].letters;
      sum = contract(sum, terms[i], later);
    }
    sum = keepOnly(sum, result);
    if (sum.letters.size() != result.size())
      n.invalid("the result names an index that no operand has");
    return n.transpose(sum.value, permutation(sum.letters, result));
  }

private:
  Node &n;
  std::vector<std::string> spelled;
  bool hasArrow = false;
  std::string spelledResult, result;
  std::map<char, int64_t> extents;
  std::map<char, int> uses;
  int ellipsis = 0; ///< most dimensions that an ellipsis stands for

  void parse(const std::string &equation) {
    std::string text;
    for (char c : equation)
      if (c != ' ')
        text += c;
    size_t arrow = text.find("->");
    hasArrow = arrow != std::string::npos;
    if (hasArrow)
      spelledResult = text.substr(arrow + 2);
    text = text.substr(0, arrow);
    size_t start = 0;
    while (true) {
      size_t comma = text.find(',', start);
      spelled.push_back(text.substr(start, comma - start));
      if (comma == std::string::npos)
        break;
      start = comma + 1;
    }
    for (const std::string &term : spelled)
      checkTerm(term);
    checkTerm(spelledResult);
  }

  void checkTerm(const std::string &term) {
    size_t dots = term.find("...");
    for (size_t i = 0; i < term.size(); ++i) {
      if (i == dots) {
        i += 2;
        continue;
      }
      if (!std::isalpha(static_cast<unsigned char>(term[i])))
        n.invalid("the equation is malformed at '" + term + "'");
    }
  }

  Term named(Value value, const std::string &spelling) {
    Term term{value, {}};
    size_t dots = spelling.find("...");
    int64_t letters = static_cast<int64_t>(spelling.size()) -
                      (dots == std::string::npos ? 0 : 3);
    int64_t spare = Node::rankOf(value) - letters;
    if (spare < 0 || (dots == std::string::npos && spare > 0) || spare > 60)
      n.invalid("'" + spelling + "' does not fit an operand of rank " +
                std::to_string(Node::rankOf(value)));
    for (size_t i = 0; i < spelling.size(); ++i) {
      if (i == dots) {
        for (int64_t d = spare; d > 0; --d)
          term.letters += static_cast<char>(d);
        ellipsis = std::max(ellipsis, static_cast<int>(spare));
        i += 2;
      } else {
        term.letters += spelling[i];
      }
    }
    for (size_t d = 0; d < term.letters.size(); ++d) {
      char letter = term.letters[d];
      int64_t extent = Node::shapeOf(value)[d];
      auto [known, fresh] = extents.emplace(letter, extent);
      if (!fresh && known->second == 1)
        known->second = extent;
      if (extent != 1 && known->second != extent)
        n.invalid(fmt::format("an index has extents {} and {}", known->second,
                              extent));
      ++uses[letter];
    }
    return term;
  }

  /// Repeated letters within one operand: only equal indices are kept.
  Term diagonal(Term term) {
    for (size_t i = 0; i < term.letters.size(); ++i) {
      size_t j = term.letters.find(term.letters[i], i + 1);
      if (j == std::string::npos)
        continue;
      int64_t extent = Node::shapeOf(term.value)[i];
      if (Node::shapeOf(term.value)[j] != extent)
        n.invalid("a repeated index has two extents");
      // Bring both to the end, see them as one, and step by extent + 1.
      Ints perm;
      std::string rest;
      for (size_t d = 0; d < term.letters.size(); ++d)
        if (d != i && d != j) {
          perm.push_back(static_cast<int64_t>(d));
          rest += term.letters[d];
        }
      perm.push_back(static_cast<int64_t>(i));
      perm.push_back(static_cast<int64_t>(j));
      Value value = n.transpose(term.value, perm);
      Ints flat(Node::shapeOf(value).drop_back(2));
      flat.push_back(extent * extent);
      value = n.reshape(value, flat);
      Ints offsets(flat.size(), 0), steps(flat.size(), 1);
      flat.back() = extent;
      steps.back() = extent + 1;
      value = n.slice(value, offsets, flat, steps);
      return diagonal({value, rest + term.letters[i]});
    }
    return term;
  }

  /// Without an arrow: the ellipsis, then letters used once, by alphabet.
  void nameResult() {
    std::string dots;
    for (int d = ellipsis; d > 0; --d)
      dots += static_cast<char>(d);
    if (!hasArrow) {
      result = dots;
      for (auto [letter, count] : uses)
        if (count == 1 && letter > 60)
          result += letter;
      return;
    }
    size_t at = spelledResult.find("...");
    for (size_t i = 0; i < spelledResult.size(); ++i) {
      if (i == at) {
        result += dots;
        i += 2;
      } else {
        if (result.find(spelledResult[i]) != std::string::npos)
          n.invalid("the result names an index twice");
        result += spelledResult[i];
      }
    }
  }

  static bool has(const std::string &letters, char letter) {
    return letters.find(letter) != std::string::npos;
  }

  static Ints permutation(const std::string &from, const std::string &to) {
    Ints perm;
    for (char letter : to)
      perm.push_back(static_cast<int64_t>(from.find(letter)));
    return perm;
  }

  /// Sums over the letters that `needed` does not have.
  Term keepOnly(Term term, const std::string &needed) {
    Ints axes;
    std::string kept;
    for (size_t d = 0; d < term.letters.size(); ++d) {
      if (has(needed, term.letters[d]))
        kept += term.letters[d];
      else
        axes.push_back(static_cast<int64_t>(d));
    }
    if (axes.empty())
      return term;
    return {n.reduce(hyb::ReduceKind::Sum, term.value, axes, false), kept};
  }

  /// `term` as [batch…, product of `first`, product of `second`].
  Value arranged(const Term &term, const std::string &batch,
                 const std::string &first, const std::string &second) {
    Value value = n.transpose(
        term.value, permutation(term.letters, batch + first + second));
    Ints shape(Node::shapeOf(value).take_front(batch.size()));
    shape.push_back(product(first));
    shape.push_back(product(second));
    return n.reshape(value, shape);
  }

  int64_t product(const std::string &letters) {
    int64_t all = 1;
    for (char letter : letters)
      all *= extents[letter];
    return all;
  }

  /// Extent 1 against n broadcasts.
  Term widened(const Term &term) {
    Ints shape;
    for (char letter : term.letters)
      shape.push_back(extents[letter]);
    return {n.expand(term.value, shape), term.letters};
  }

  Term contract(Term a, Term b, const std::string &later) {
    a = widened(keepOnly(a, b.letters + later));
    b = widened(keepOnly(b, a.letters + later));
    std::string batch, shared, rows, columns;
    for (char letter : a.letters)
      (!has(b.letters, letter) ? rows
       : has(later, letter)    ? batch
                               : shared) += letter;
    for (char letter : b.letters)
      if (!has(a.letters, letter))
        columns += letter;
    std::string letters = batch + rows + columns;
    Ints shape;
    for (char letter : letters)
      shape.push_back(extents[letter]);
    Value left, right;
    if (shared.empty()) { // an outer product: element by element
      left = arranged(a, batch, rows, "");
      right = arranged(b, batch, "", columns);
      return {n.reshape(n.mul(left, right), shape), letters};
    }
    left = arranged(a, batch, rows, shared);
    right = arranged(b, batch, shared, columns);
    // Products of 8 and 16 bits sum up in 32, and wrap to the operands' type.
    Type element = Node::elem(left), sums = element;
    if (element.isInteger(8) || element.isInteger(16))
      sums = IntegerType::get(element.getContext(), 32);
    if (element.isInteger(16)) {
      left = n.cast(left, sums);
      right = n.cast(right, sums);
    }
    Value all = n.cast(n.matmul(left, right, sums), element);
    return {n.reshape(all, shape), letters};
  }
};

void importEinsum(Node &n) { n.out(0, Einsum(n).run()); }

const OpRow rows[] = {
    {"Einsum", 12, "transpose, reshape, matmul, reduce, map", "", importEinsum},
};
} // namespace

OpFamily einsumOps() { return {"Einsum", rows}; }

} // namespace hybridc::import
