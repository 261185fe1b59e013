/// The steps of attention, which each instruction set supplies as separate functions.
@usableFromInline
package protocol AttentionSteps {
  /// See `PanelPacking.columns`.
  static func packColumns(_ source: Matrix<Float>, _ target: UnsafeMutablePointer<Float>)
  /// See `PanelPacking.rows`.
  static func packRows(_ source: Matrix<Float>, _ target: UnsafeMutablePointer<Float>)
  /// out[i, j] = Σₖ a[i, k] b[k, j]
  static func product(_ a: Matrix<Float>, _ b: PackedMatrix, _ out: Matrix<Float>)
  /// See `Softmax`; the rows extend to the end of their last panel.
  static func numerators(
    _ scores: Matrix<Float>, count: Int, scale: Float, factors: UnsafeMutablePointer<Float>)
  /// See `Softmax`.
  static func drop(_ numerators: Matrix<Float>, _ dropout: AttentionDropout)
  /// out[i, :] = factors[i] Σⱼ scores[i, j] v[j, :]
  static func context(
    _ scores: Matrix<Float>, _ values: PackedMatrix, _ factors: UnsafePointer<Float>,
    _ output: Matrix<Float>)

  /// products[i] = a[i, :] · b[i, :]
  static func rowProducts(
    _ a: Matrix<Float>, _ b: Matrix<Float>, _ products: UnsafeMutablePointer<Float>)
  /// See `Softmax.gradients`.
  static func softmaxGradients(
    _ numerators: Matrix<Float>, _ gradients: Matrix<Float>, scale: Float,
    factors: UnsafePointer<Float>, means: UnsafePointer<Float>, _ dropout: AttentionDropout?)
  /// See `TransposedProduct.add`.
  static func addTransposedProduct(
    _ a: Matrix<Float>, _ b: PackedMatrix, _ sums: UnsafeMutablePointer<Float>, isFirst: Bool)
  /// See `TransposedProduct.store`.
  static func storeTransposedProduct(_ sums: UnsafePointer<Float>, _ output: Matrix<Float>)
}

/// Scaled dot-product attention of one head of one sequence:
/// out[i, :] = Σⱼ softmaxⱼ(q[i, :] · k[j, :] / √d) v[j, :]
///
/// Computes a block of query rows at a time, so that its scores stay in the cache: memory grows
/// with the length, not with its square. Vaswani et al., "Attention Is All You Need", 2017, section
/// 3.2.1.
@usableFromInline
package enum Attention<Full: TileBlock, Steps: AttentionSteps>
where Full.Dot.Element == Float {
  @usableFromInline package typealias Dot = Full.Dot
  @usableFromInline package typealias Vector = Full.Dot.Vector

  /// Floats of scratch that `head` needs for sequences of at most `length` tokens.
  @inlinable @inline(__always)
  package static func scratchCount(length: Int, headSize: Int) -> Int {
    let panel = GEMM<Dot>.panelWidth
    let keys = PackedMatrix.wordCount(steps: headSize, columns: length, panelWidth: panel)
    let values = PackedMatrix.wordCount(steps: length, columns: headSize, panelWidth: panel)
    return keys + values + Full.rowCount * (length + 2 * panel)
  }

  /// `query` may have fewer rows than `key` and `value`: only those whose results are read. With
  /// `dropout`, the probabilities are multiplied by its factors.
  @inlinable @inline(__always)
  package static func head(
    query: Matrix<Float>, key: Matrix<Float>, value: Matrix<Float>, output: Matrix<Float>,
    scale: Float, dropout: AttentionDropout? = nil, scratch: UnsafeMutablePointer<Float>
  ) {
    let panel = GEMM<Dot>.panelWidth
    let (length, size) = (key.rows, key.columns)
    // Whole panels of keys; the surplus keys are zeros, and their scores are ignored.
    let padded = (length + panel - 1) / panel * panel
    Steps.packColumns(key, scratch)
    let keys = PackedMatrix(pointer: scratch, steps: size, columns: padded, panelWidth: panel)
    let valueScratch = scratch + padded * size
    Steps.packRows(value, valueScratch)
    let values = PackedMatrix(
      pointer: valueScratch, steps: length, columns: size, panelWidth: panel)
    let scoreScratch = valueScratch + values.panelCount * panel * length
    // One cache line of padding: rows at multiples of 4 KiB would share cache sets.
    let stride = padded + Vector.laneCount
    let factors = scoreScratch + Full.rowCount * stride

    for first in Swift.stride(from: 0, to: query.rows, by: Full.rowCount) {
      let rows = first..<min(first + Full.rowCount, query.rows)
      let scores = Matrix(scoreScratch, rows: rows.count, columns: padded, stride: stride)
      Steps.product(query.rows(rows), keys, scores)
      Steps.numerators(scores, count: length, scale: scale, factors: factors)
      let weights = Matrix(scoreScratch, rows: rows.count, columns: length, stride: stride)
      if let dropout { Steps.drop(weights, dropout.rows(from: first)) }
      Steps.context(weights, values, factors, output.rows(rows))
    }
  }

  /// Floats of scratch that `backward` needs for sequences of at most `length` tokens.
  @inlinable @inline(__always)
  package static func backwardScratchCount(length: Int, headSize: Int) -> Int {
    var count = AttentionGradientLayout<Full>(length: length, headSize: headSize).count
    // Blocks have fewer rows the longer the sequence is, so a shorter one may need more. Among lengths
    // of equally many panels the longest needs the most.
    let panel = GEMM<Full.Dot>.panelWidth
    for shorter in Swift.stride(from: panel, to: length, by: panel) {
      count = max(
        count, AttentionGradientLayout<Full>(length: shorter, headSize: headSize).count)
    }
    return count
  }

  /// Computes the gradients of query, key and value from that of the output.
  ///
  /// P are the probabilities, D the factors of dropout. From the last line of `head` to its first:
  ///
  ///     output = (P∘D) value       dvalue = (P∘D)ᵀ doutput    dP = (doutput valueᵀ)∘D
  ///     P = softmax(scale scores)  dscores = scale P∘(dP - Σⱼ P∘dP)
  ///     scores = query keyᵀ        dquery = dscores key       dkey = dscoresᵀ query
  ///
  /// The sum Σⱼ P∘dP of a row is doutput · output. P is computed again, for a block of query rows at a
  /// time, by the same steps as in `head`: memory grows with the length, not with its square. Dao et
  /// al., "FlashAttention", 2022, appendix B.
  @inlinable @inline(__always)
  package static func backward(
    _ head: AttentionHead, _ gradients: AttentionHead, scale: Float, dropout: AttentionDropout?,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let length = head.key.rows
    let layout = AttentionGradientLayout<Full>(length: length, headSize: head.key.columns)
    Steps.packColumns(head.key, scratch + layout.keyColumns)
    Steps.packColumns(head.value, scratch + layout.valueColumns)
    Steps.packRows(head.key, scratch + layout.keyRows)
    // Without queries, a block without rows sets the sums to zero.
    for first in stride(from: 0, to: max(1, head.query.rows), by: layout.blockRows) {
      let rows = first..<min(first + layout.blockRows, head.query.rows)
      backward(
        head.queries(rows), gradients.queries(rows), scale: scale,
        dropout: dropout?.rows(from: first), layout, scratch, isFirst: first == 0)
    }
    Steps.storeTransposedProduct(scratch + layout.valueSums, gradients.value)
    Steps.storeTransposedProduct(scratch + layout.keySums, gradients.key)
  }

  /// One block of query rows: computes the gradients of the queries, and adds to the sums of keys and
  /// values.
  @inlinable @inline(__always)
  static func backward(
    _ head: AttentionHead, _ gradients: AttentionHead, scale: Float, dropout: AttentionDropout?,
    _ layout: AttentionGradientLayout<Full>, _ scratch: UnsafeMutablePointer<Float>, isFirst: Bool
  ) {
    let (rows, length) = (head.query.rows, layout.length)
    let (factors, means) = (scratch + layout.factors, scratch + layout.means)
    let keys = layout.columns(scratch + layout.keyColumns)
    let scores = layout.block(scratch + layout.scores, rows: rows, columns: layout.padded)
    Steps.product(head.query, keys, scores)
    Steps.numerators(scores, count: length, scale: scale, factors: factors)

    // Steps.context(weights, values, factors, output.rows(rows))
    let values = layout.columns(scratch + layout.valueColumns)
    let products = layout.block(
      scratch + layout.scoreGradients, rows: rows, columns: layout.padded)
    Steps.product(gradients.output, values, products)
    Steps.rowProducts(gradients.output, head.output, means)
    // Steps.numerators(scores, count: length, scale: scale, factors: factors)
    // if let dropout { Steps.drop(weights, dropout.rows(from: first)) }
    let weights = layout.block(scratch + layout.scores, rows: rows, columns: length)
    let scoreGradients = layout.block(
      scratch + layout.scoreGradients, rows: rows, columns: length)
    Steps.softmaxGradients(
      weights, scoreGradients, scale: scale, factors: factors, means: means, dropout)
    Steps.packRows(gradients.output, scratch + layout.blockOfRows)
    let block = layout.rows(scratch + layout.blockOfRows, count: rows)
    Steps.addTransposedProduct(weights, block, scratch + layout.valueSums, isFirst: isFirst)

    // Steps.product(query.rows(rows), keys, scores)
    let keyRows = layout.rows(scratch + layout.keyRows, count: length)
    Steps.product(scoreGradients, keyRows, gradients.query)
    Steps.packRows(head.query, scratch + layout.blockOfRows)
    Steps.addTransposedProduct(scoreGradients, block, scratch + layout.keySums, isFirst: isFirst)
  }

  /// products[i] = a[i, :] · b[i, :]
  @inlinable @inline(__always)
  package static func rowProducts(
    _ a: Matrix<Float>, _ b: Matrix<Float>, into products: UnsafeMutablePointer<Float>
  ) {
    let lanes = Vector.laneCount
    let whole = a.columns / lanes * lanes
    for index in 0..<a.rows {
      let (left, right) = (a.row(index), b.row(index))
      var sums = Vector.zero
      for column in stride(from: 0, to: whole, by: lanes) {
        sums = sums.adding(Vector(loading: left + column), times: Vector(loading: right + column))
      }
      if whole < a.columns {
        let count = a.columns - whole
        sums = sums.adding(
          Vector(loading: left + whole, count: count, filler: 0),
          times: Vector(loading: right + whole, count: count, filler: 0))
      }
      products[index] = sums.sum()
    }
  }
}
