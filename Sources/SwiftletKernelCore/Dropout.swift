/// Dropout whose mask is a function of counters: no mask is stored, and the backward pass computes
/// the same one. An element is kept with probability 1 - p and multiplied by 1 / (1 - p).
///
/// A row of activations has a key, mixed from what identifies it: seed, step, layer, sequence and
/// token. The mask depends on nothing else, in particular not on threads, batches or vectors.
/// Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014.
@usableFromInline
package struct Dropout: BitwiseCopyable, Sendable, Hashable {
  /// The place in the model, so that masks of one row at different places are independent.
  @usableFromInline package let key: UInt32
  /// p 2³²: an element whose random number is smaller is dropped.
  @usableFromInline package let threshold: UInt32
  /// 1 / (1 - p)
  @usableFromInline package let scale: Float

  /// p is from 0 to less than 1; with 0, every factor is 1.
  package init(probability: Double, key: UInt32) {
    precondition(probability >= 0 && probability < 1, "p is from 0 to less than 1")
    self.key = key
    threshold = UInt32(min((probability * 0x1p32).rounded(), 0x1p32 - 1))
    scale = Float(1 / (1 - probability))
  }

  /// A further place, such as a head of attention, with a mask of its own.
  package func at(_ number: UInt32) -> Dropout {
    Dropout(key: Self.mix(key, number), threshold: threshold, scale: scale)
  }

  private init(key: UInt32, threshold: UInt32, scale: Float) {
    self.key = key
    self.threshold = threshold
    self.scale = scale
  }

  /// Combines a key with one more number; the order of numbers counts. For a key, different numbers
  /// give different keys.
  package static func mix(_ key: UInt32, _ number: UInt32) -> UInt32 {
    scrambled(key &+ scrambled(number &+ increment))
  }

  /// 2³² divided by the golden ratio: multiples of it are spread evenly.
  @inlinable @inline(__always)
  package static var increment: UInt32 { 0x9E37_79B9 }

  /// A bijection in which each bit of the result depends on each bit of `number`: from the list
  /// of hash functions of least bias at github.com/skeeto/hash-prospector.
  @inlinable @inline(__always)
  package static func scrambled(_ number: UInt32) -> UInt32 {
    var x = number
    x = (x ^ (x &>> 16)) &* 0x21F0_AAAD
    x = (x ^ (x &>> 15)) &* 0x735A_2D97
    return x ^ (x &>> 15)
  }
}

/// out[t, c] = x[t, c] factor(t, c), where `rowKeys[t]` is the key of row t. Its backward pass is the
/// same product of the gradient. `out` may be `x`.
@usableFromInline
package enum DropoutKernel<Vector: KernelVector> {
  @inlinable @inline(__always)
  package static func rows(
    _ x: Matrix<Float>, rowKeys: UnsafePointer<UInt32>, _ dropout: Dropout, into out: Matrix<Float>
  ) {
    for index in 0..<x.rows {
      let (source, target, key) = (x.row(index), out.row(index), rowKeys[index])
      Vector.forEach(x.columns) { column, rest in
        let factors = Vector.dropoutFactors(rowKey: key, column: column, dropout)
        (Vector(loadingUpTo: rest, from: source + column) * factors)
          .store(to: target + column, upTo: rest)
      }
    }
  }

  /// out[t, c] = residual[t, c] + x[t, c] factor(t, c); `out` may be `x` or `residual`.
  @inlinable @inline(__always)
  package static func add(
    _ x: Matrix<Float>, rowKeys: UnsafePointer<UInt32>, _ dropout: Dropout,
    to residual: Matrix<Float>, into out: Matrix<Float>
  ) {
    for index in 0..<x.rows {
      let (source, target, key) = (x.row(index), out.row(index), rowKeys[index])
      let base = residual.row(index)
      Vector.forEach(x.columns) { column, rest in
        let factors = Vector.dropoutFactors(rowKey: key, column: column, dropout)
        Vector(loadingUpTo: rest, from: base + column)
          .adding(Vector(loadingUpTo: rest, from: source + column), times: factors)
          .store(to: target + column, upTo: rest)
      }
    }
  }
}
