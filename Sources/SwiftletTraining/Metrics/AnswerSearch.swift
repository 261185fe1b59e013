import SwiftletKernelCore
import SwiftletTokenizer

/// The answer to one question over all windows of its context: the span with the largest sum of logits, as
/// `postprocess_qa_predictions` in the example scripts of transformers finds it.
struct AnswerSearch {
  /// The positions with the largest logits of a window among which starts and ends are chosen.
  private static let candidateCount = 20
  /// The most tokens of an answer.
  private static let maxTokens = 30

  private var best: (score: Float, bytes: Range<Int>)?
  /// The smallest sum of the first token's logits over all windows.
  private var noAnswerScore = Float.infinity

  /// Adds a window.
  ///
  /// - Parameters:
  ///   - window: A question with a part of its context.
  ///   - logits: [tokens, 2], the logits of start and end.
  mutating func add(_ window: Encoding, logits: Matrix<Float>) {
    guard logits.rows > 0 else { return }
    noAnswerScore = min(noAnswerScore, logits.row(0)[0] + logits.row(0)[1])
    let ends = Self.largest(logits, column: 1).filter { window.sequenceIDs[$0] == 1 }
    for start in Self.largest(logits, column: 0) where window.sequenceIDs[start] == 1 {
      for end in ends where start <= end && end < start + Self.maxTokens {
        let bytes = window.offsets[start].lowerBound..<window.offsets[end].upperBound
        let score = logits.row(start)[0] + logits.row(end)[1]
        if !bytes.isEmpty, score > best?.score ?? -.infinity { best = (score, bytes) }
      }
    }
  }

  /// The rows with the largest logits.
  private static func largest(_ logits: Matrix<Float>, column: Int) -> ArraySlice<Int> {
    (0..<logits.rows).sorted { logits.row($0)[column] > logits.row($1)[column] }
      .prefix(candidateCount)
  }

  /// Cuts the answer out of the context; empty if there is no span, or, where questions may have no answer, if
  /// the first tokens' logits are larger than those of every span.
  func answer(in context: String, allowsNoAnswer: Bool) -> String {
    guard let best, !allowsNoAnswer || noAnswerScore <= best.score else { return "" }
    let bytes = Array(context.utf8)
    return String(decoding: bytes[best.bytes.clamped(to: bytes.indices)], as: UTF8.self)
  }
}
