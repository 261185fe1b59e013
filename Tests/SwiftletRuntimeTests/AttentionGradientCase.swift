import SwiftletKernelCore
import SwiftletSystem

/// The inputs of attention with dropout and of its backward pass, with the exact results.
final class AttentionGradientCase: @unchecked Sendable {
  let length: Int
  let size: Int
  let queries: Int
  let dropout: Dropout?
  let output: ExactMatrix
  /// The bound for the errors of the output.
  let outputTolerance: Double
  let gradients: (values: ExactAttention.Gradients, bounds: ExactAttention.Gradients)
  private let rowKeys: [UInt32]
  private let query: GuardedMatrix
  private let key: GuardedMatrix
  private let value: GuardedMatrix
  /// The exact output, rounded.
  private let rounded: GuardedMatrix
  private let gradient: GuardedMatrix
  private var scale: Float { 1 / Float(size).squareRoot() }

  /// `spread` is the scale of queries and keys.
  init(
    length: Int, size: Int, queries: Int, probability: Double?, spread: Float = 2
  ) throws {
    (self.length, self.size, self.queries) = (length, size, queries)
    var random = SplitMix64(seed: UInt64(1000 * length + size))
    dropout = probability.map { Dropout(probability: $0, key: 0x5EED) }
    rowKeys = (0..<queries).map { _ in UInt32(truncatingIfNeeded: random.next()) }
    query = try GuardedMatrix(rows: queries, columns: size, scale: spread, using: &random)
    key = try GuardedMatrix(rows: length, columns: size, scale: spread, using: &random)
    value = try GuardedMatrix(rows: length, columns: size, using: &random)
    gradient = try GuardedMatrix(rows: queries, columns: size, using: &random)

    let exact = ExactAttention(
      query: ExactMatrix(query.view), key: ExactMatrix(key.view), value: ExactMatrix(value.view),
      scale: Double(1 / Float(size).squareRoot()),
      factors: Self.factors(rowKeys, columns: length, dropout))
    let probabilities = exact.probabilities
    let output = exact.output(probabilities)
    self.output = output
    outputTolerance = exact.relativeError * exact.factors.largest
    rounded = try GuardedMatrix(rows: queries, columns: size) { Float(output[$0, $1]) }
    gradients = exact.gradients(probabilities, output, of: ExactMatrix(gradient.view))
  }

  /// The factors by the definition of the mask.
  static func factors(_ rowKeys: [UInt32], columns: Int, _ dropout: Dropout?) -> ExactMatrix {
    ExactMatrix(rows: rowKeys.count, columns: columns) { row, column in
      guard let dropout else { return 1 }
      let number = Dropout.scrambled(
        (rowKeys[row] ^ dropout.key) &+ UInt32(column) &* Dropout.increment)
      return number >= dropout.threshold ? Double(dropout.scale) : 0
    }
  }

  /// Attends with exactly the scratch that the table needs, with the case's dropout or another.
  func attend(_ table: KernelTable, dropout: Dropout?) throws -> GuardedMatrix {
    let out = try GuardedMatrix(rows: queries, columns: size)
    let scratch = try GuardedMatrix(rows: 1, columns: table.attention.scratchCount(length, size))
    let (query, key, value) = (query.view, key.view, value.view)
    withExtendedLifetime((self, scratch)) {
      rowKeys.withUnsafeBufferPointer { keys in
        if let dropout, let rowKeys = keys.baseAddress {
          table.attention.dropout(
            query, key, value, out.view, scale, AttentionDropout(rowKeys: rowKeys, dropout),
            scratch.view.pointer)
        } else {
          table.attention.float32(query, key, value, out.view, scale, scratch.view.pointer)
        }
      }
    }
    return out
  }

  /// The gradients by a table.
  struct Found {
    let query: GuardedMatrix
    let key: GuardedMatrix
    let value: GuardedMatrix
    var all: [GuardedMatrix] { [query, key, value] }
  }

  /// Computes the gradients with exactly the scratch that the table needs. `firstQueries` limits the
  /// queries that are passed; with `others`, all are passed and the gradients of the others are zeros.
  func backward(
    _ table: KernelTable, dropout: Dropout?, firstQueries: Int? = nil, others: Bool = false
  ) throws -> Found {
    let count = firstQueries ?? queries
    let rows = 0..<(others ? queries : count)
    let found = try Found(
      query: GuardedMatrix(rows: rows.count, columns: size),
      key: GuardedMatrix(rows: length, columns: size),
      value: GuardedMatrix(rows: length, columns: size))
    let gradient = try GuardedMatrix(rows: rows.count, columns: size) {
      $0 < count ? self.gradient.view.row($0)[$1] : 0
    }
    let scratch = try GuardedMatrix(
      rows: 1, columns: table.attention.backwardScratchCount(length, size))
    withExtendedLifetime((self, gradient, scratch)) {
      rowKeys.withUnsafeBufferPointer { keys in
        let pair = dropout.flatMap { dropout in
          keys.baseAddress.map { AttentionDropout(rowKeys: $0, dropout) }
        }
        table.attention.backward(
          AttentionHead(
            query: query.view.rows(rows), key: key.view, value: value.view,
            output: rounded.view.rows(rows)),
          AttentionHead(
            query: found.query.view, key: found.key.view, value: found.value.view,
            output: gradient.view),
          scale, pair, scratch.view.pointer)
      }
    }
    return found
  }
}
