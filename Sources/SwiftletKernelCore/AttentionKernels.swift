/// Attention of one head of one sequence.
package struct AttentionKernels: Sendable {
  /// output[i, :] = Σⱼ softmaxⱼ(scale · query[i, :] · key[j, :]) value[j, :]
  package typealias Attend =
    @Sendable (
      _ query: Matrix<Float>, _ key: Matrix<Float>, _ value: Matrix<Float>,
      _ output: Matrix<Float>, _ scale: Float, _ scratch: UnsafeMutablePointer<Float>
    ) -> Void
  /// output[i, :] = Σⱼ D[i, j] softmaxⱼ(scale · query[i, :] · key[j, :]) value[j, :], where D are the
  /// factors of `dropout`
  package typealias AttendWithDropout =
    @Sendable (
      _ query: Matrix<Float>, _ key: Matrix<Float>, _ value: Matrix<Float>,
      _ output: Matrix<Float>, _ scale: Float, _ dropout: AttentionDropout,
      _ scratch: UnsafeMutablePointer<Float>
    ) -> Void
  /// Reads `head`, whose output the forward pass has computed with the same scale and dropout, and
  /// `gradients.output`; overwrites the gradients of query, key and value.
  package typealias Backward =
    @Sendable (
      _ head: AttentionHead, _ gradients: AttentionHead, _ scale: Float,
      _ dropout: AttentionDropout?, _ scratch: UnsafeMutablePointer<Float>
    ) -> Void
  /// Floats of scratch for sequences of at most `length` tokens and a head size.
  package typealias ScratchCount = @Sendable (_ length: Int, _ headSize: Int) -> Int

  /// For `float32`, `int8` and `dropout`.
  package let scratchCount: ScratchCount
  /// See `Attention`.
  package let float32: Attend
  /// See `Int8Attention`; nil where the instruction set has no faster products for it.
  package let int8: Attend?
  /// See `Attention`. The forward pass of training, in float32.
  package let dropout: AttendWithDropout
  /// See `Attention`. The backward pass of `float32`, or of `dropout`.
  package let backward: Backward
  /// For `backward`.
  package let backwardScratchCount: ScratchCount

  package init(
    scratchCount: @escaping ScratchCount, float32: @escaping Attend, int8: Attend?,
    dropout: @escaping AttendWithDropout, backward: @escaping Backward,
    backwardScratchCount: @escaping ScratchCount
  ) {
    self.scratchCount = scratchCount
    self.float32 = float32
    self.int8 = int8
    self.dropout = dropout
    self.backward = backward
    self.backwardScratchCount = backwardScratchCount
  }
}

/// The activations of one head of one sequence, or their gradients: views of L rows of head size, one
/// for each token.
///
/// Query and output may have fewer rows: those of the first tokens, whose results are read.
@usableFromInline
package struct AttentionHead: BitwiseCopyable, Sendable {
  @usableFromInline package let query: Matrix<Float>
  @usableFromInline package let key: Matrix<Float>
  @usableFromInline package let value: Matrix<Float>
  @usableFromInline package let output: Matrix<Float>

  @inlinable
  package init(
    query: Matrix<Float>, key: Matrix<Float>, value: Matrix<Float>, output: Matrix<Float>
  ) {
    self.query = query
    self.key = key
    self.value = value
    self.output = output
  }

  /// Some of the queries, with all keys and values.
  @inlinable @inline(__always)
  func queries(_ rows: Range<Int>) -> AttentionHead {
    AttentionHead(query: query.rows(rows), key: key, value: value, output: output.rows(rows))
  }
}

/// Dropout on the probabilities of one head of one sequence.
@usableFromInline
package struct AttentionDropout: BitwiseCopyable {
  /// A key for each row of the query; the columns of the mask are the keys' indices.
  @usableFromInline package let rowKeys: UnsafePointer<UInt32>
  @usableFromInline package let dropout: Dropout

  @inlinable
  package init(rowKeys: UnsafePointer<UInt32>, _ dropout: Dropout) {
    self.rowKeys = rowKeys
    self.dropout = dropout
  }

  /// The factors of a row of the query for the keys from `column` on.
  @inlinable @inline(__always)
  func factors<Vector: KernelVector>(_ type: Vector.Type, row: Int, column: Int) -> Vector {
    Vector.dropoutFactors(rowKey: rowKeys[row], column: column, dropout)
  }

  /// Dropout of the query rows from `first` on.
  @inlinable @inline(__always)
  func rows(from first: Int) -> AttentionDropout {
    AttentionDropout(rowKeys: rowKeys + first, dropout)
  }
}

extension AttentionDropout: @unchecked Sendable {}
