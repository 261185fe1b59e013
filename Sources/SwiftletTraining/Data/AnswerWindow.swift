import SwiftletTokenizer

/// One window of a context, in which an answer is found as transformers' run_qa.py finds it.
struct AnswerWindow {
  private let window: Encoding
  private let cls: Int
  private let context: Range<Int>

  init(_ window: Encoding, cls: Int32?) {
    self.window = window
    self.cls = window.ids.firstIndex { $0 == cls } ?? 0
    let first = window.sequenceIDs.firstIndex(of: 1) ?? 0
    context = first..<max(first, (window.sequenceIDs.lastIndex(of: 1) ?? first - 1) + 1)
  }

  /// Returns the first and the last token of an answer, whose place is in UTF-8 bytes of the
  /// context; both are that of `[CLS]` without an answer, or if it is not wholly in the window.
  func span(of answer: Range<Int>?) -> (start: Int, end: Int) {
    guard let answer, let first = context.first, let last = context.last,
      window.offsets[first].lowerBound <= answer.lowerBound,
      window.offsets[last].upperBound >= answer.upperBound
    else { return (cls, cls) }
    var (start, end) = (first, last)
    while start <= last, window.offsets[start].lowerBound <= answer.lowerBound { start += 1 }
    while end >= first, window.offsets[end].upperBound >= answer.upperBound { end -= 1 }
    return (start - 1, end + 1)
  }
}
