package import SwiftletCheckpoint
package import SwiftletKernelCore
import SwiftletSystem

/// Copies the last hidden row of every token: out[T, dim] = h[T, dim].
package struct TokenRowsHead: EncoderHead {
  package let outputWidth: Int
  package var rowKind: OutputRowKind { .token }
  package var reads: OutputRows { .allTokens }
  package func outputRows(_ batch: PackedSlice) -> Int { batch.tokenCount }

  package init(_ configuration: ModelConfiguration) { outputWidth = configuration.hiddenSize }

  package func forward(
    _ rows: Matrix<Float>, of batch: PackedSlice, into output: UnsafeMutablePointer<Float>,
    _ pass: inout ForwardPass
  ) {
    pass.parallelFor(rows.rows) { part in
      for row in part {
        (output + row * outputWidth).update(from: rows.row(row), count: outputWidth)
      }
    }
  }
}
