package import SwiftletKernels
import SwiftletKernelCore
package import SwiftletMemory

/// The encoder of DistilBERT and BERT: token ids in, hidden rows out. It knows no text and no labels.
///
/// Immutable and shared by any number of threads; each pass brings its own ``Workspace``.
/// Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
/// 2018; Sanh et al., "DistilBERT, a distilled version of BERT", 2019.
package final class Encoder: Sendable {
  package let configuration: ModelConfiguration
  package let kernels: Kernels
  private let storage: WeightStorage
  private let embeddings: EmbeddingWeights
  let layers: [LayerWeights]

  init(
    configuration: ModelConfiguration, kernels: Kernels, storage: WeightStorage,
    embeddings: EmbeddingWeights, layers: [LayerWeights]
  ) {
    self.configuration = configuration
    self.kernels = kernels
    self.storage = storage
    self.embeddings = embeddings
    self.layers = layers
  }

  /// Which rows of the last layer somebody reads.
  package enum Reading: Sendable {
    /// Row i of the result is token i of the batch.
    case allTokens
    /// Row i of the result is the first token of sequence i. The last layer computes nothing else
    /// but the keys and values of the others: the same bits for a fraction of the work.
    case firstTokens
  }

  package func makeWorkspace(
    maximumTokens: Int, members: Int = 1
  ) throws(MemoryError) -> Workspace {
    try Workspace(
      maximumTokens: maximumTokens, members: members, configuration: configuration,
      kernels: kernels)
  }

  /// The last hidden rows [tokens or sequences, dim], in the workspace until its next use.
  ///
  /// Every member of a team calls it with the same arguments, and gets the result when all of it is
  /// there. The batch must fit the workspace, its sequences the model's positions, and its ids the
  /// vocabulary: the caller checks what comes from outside.
  package func forward(
    _ batch: PackedSlice, reading: Reading, _ workspace: borrowing Workspace,
    _ member: inout TeamMember
  ) -> Matrix<Float> {
    requirePrecondition(
      batch.tokenCount <= workspace.maximumTokens, "the batch exceeds the workspace")
    // Rows behind those of the tokens fill the last tile up; nobody reads what becomes of them.
    var rowCount = kernels.rows(for: batch.tokenCount)
    var hidden = workspace.hiddenRows(rowCount)
    embed(batch, into: hidden, clearing: workspace.contextRows(rowCount), &member)
    let scratch = workspace.activations(place: member.place)
    let linear = Activations(kernels: kernels, scratch: scratch)
    for (index, layer) in layers.enumerated() {
      let readsFirst = index == layers.count - 1 && reading == .firstTokens
      let wide = workspace.queryKeyValueRows(rowCount)
      if readsFirst {
        let dimension = configuration.dimension
        let all = layer.queryKeyValue.outputs
        linear.apply(
          layer.queryKeyValue, to: hidden, columns: dimension..<all, into: wide, &member)
        gatherFirstRows(of: hidden, batch, &member)
        rowCount = kernels.rows(for: batch.sequenceCount)
        hidden = hidden.rows(0..<rowCount)
        linear.apply(
          layer.queryKeyValue, to: hidden, columns: 0..<dimension, into: wide, &member)
      } else {
        linear.apply(layer.queryKeyValue, to: hidden, into: wide, &member)
      }
      let context = workspace.contextRows(rowCount)
      attend(batch, firstTokensOnly: readsFirst, wide, context, workspace, &member)
      linear.apply(
        layer.attentionOutput, to: context, ending: .biasResidual(hidden), into: hidden, &member)
      normalize(hidden, layer.attentionNorm, into: hidden, &member)
      feedForward(hidden, layer, linear, workspace, &member)
    }
    return hidden.rows(0..<(reading == .allTokens ? batch.tokenCount : batch.sequenceCount))
  }

  /// hidden[t, :] = norm(word[ids[t], :] + type[typeIDs[t], :] + position[t - start, :]), without the
  /// types where the model has none. Rows behind the tokens', and those of `context`, become zeros.
  private func embed(
    _ batch: PackedSlice, into hidden: Matrix<Float>, clearing context: Matrix<Float>,
    _ member: inout TeamMember
  ) {
    member.share(hidden.rows) { rows in
      for row in rows.clamped(to: batch.tokenCount..<hidden.rows) {
        hidden.row(row).update(repeating: 0, count: hidden.columns)
        context.row(row).update(repeating: 0, count: context.columns)
      }
      for sequence in 0..<batch.sequenceCount {
        let range = batch.range(sequence)
        for token in range.clamped(to: rows) {
          // A word may be anywhere in a table larger than any cache.
          let later = token + 4
          if later < min(rows.upperBound, batch.tokenCount) {
            prefetch(embeddings.word.row(batch.id(later)))
          }
          let word = embeddings.word.row(batch.id(token))
          let position = embeddings.position.row(token - range.lowerBound)
          let row = hidden.row(token)
          if let types = embeddings.type {
            let type = types.row(batch.typeID(token))
            for column in 0..<hidden.columns {
              row[column] = word[column] + type[column] + position[column]
            }
          } else {
            for column in 0..<hidden.columns { row[column] = word[column] + position[column] }
          }
        }
      }
      normalize(hidden.rows(rows), embeddings.norm, into: hidden.rows(rows))
    }
  }

  private func prefetch(_ row: UnsafePointer<Float>) {
    kernels.table.prefetch(row, configuration.dimension * MemoryLayout<Float>.stride)
  }

  /// context = softmax(q kᵀ / √d) v, head by head within each sequence. The query of sequence i
  /// stands in the rows of its tokens, or in row i if only first tokens are read.
  private func attend(
    _ batch: PackedSlice, firstTokensOnly: Bool, _ wide: Matrix<Float>, _ context: Matrix<Float>,
    _ workspace: borrowing Workspace, _ member: inout TeamMember
  ) {
    let (dimension, size) = (configuration.dimension, configuration.headSize)
    let scale = 1 / Float(size).squareRoot()
    let heads = dimension / size
    let scratch = workspace.memberScratch(place: member.place)
    member.share(batch.sequenceCount * heads) { units in
      for unit in units {
        let (sequence, index) = unit.quotientAndRemainder(dividingBy: heads)
        let range = batch.range(sequence)
        let queries = firstTokensOnly ? sequence..<sequence + 1 : range
        let first = index * size
        let attention = kernels.attention(length: range.count, headSize: size)
        attention(
          head(wide, rows: queries, column: first),
          head(wide, rows: range, column: dimension + first),
          head(wide, rows: range, column: 2 * dimension + first),
          head(context, rows: queries, column: first), scale, scratch)
      }
    }
  }

  /// hidden = norm(hidden + outer(activation(inner(hidden))))
  private func feedForward(
    _ hidden: Matrix<Float>, _ layer: LayerWeights, _ linear: Activations,
    _ workspace: borrowing Workspace, _ member: inout TeamMember
  ) {
    let inside = workspace.innerRows(hidden.rows)
    if configuration.activation == .gelu {
      linear.apply(layer.inner, to: hidden, ending: .biasGELU, into: inside, &member)
    } else {
      linear.apply(layer.inner, to: hidden, into: inside, &member)
      member.share(inside.rows) { rows in
        kernels.table.activate(inside.rows(rows), configuration.activation)
      }
    }
    // Apart from the residual: long sums wait in the output for their next part.
    let sum = workspace.contextRows(hidden.rows)
    linear.apply(layer.outer, to: inside, ending: .biasResidual(hidden), into: sum, &member)
    normalize(sum, layer.outputNorm, into: hidden, &member)
  }

  private func normalize(
    _ rows: Matrix<Float>, _ norm: NormWeights, into output: Matrix<Float>,
    _ member: inout TeamMember
  ) {
    member.share(rows.rows) { part in
      normalize(rows.rows(part), norm, into: output.rows(part))
    }
  }

  private func normalize(
    _ rows: Matrix<Float>, _ norm: NormWeights, into output: Matrix<Float>
  ) {
    kernels.table.layerNorm(rows, norm.weight, norm.bias, configuration.normEpsilon, output)
  }

  /// Moves the first row of every sequence to the front. The sources never lie before the targets,
  /// since every sequence has at least one token.
  private func gatherFirstRows(
    of hidden: Matrix<Float>, _ batch: PackedSlice, _ member: inout TeamMember
  ) {
    member.share(1) { _ in
      for sequence in 0..<batch.sequenceCount {
        let start = batch.range(sequence).lowerBound
        if start != sequence {
          hidden.row(sequence).update(from: hidden.row(start), count: hidden.columns)
        }
      }
    }
  }

  private func head(_ rows: Matrix<Float>, rows range: Range<Int>, column: Int) -> Matrix<Float> {
    Matrix(
      rows.row(range.lowerBound) + column, rows: range.count, columns: configuration.headSize,
      stride: rows.stride)
  }
}
