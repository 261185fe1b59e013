package import SwiftletKernels
import SwiftletKernelCore
package import SwiftletMemory

/// The DistilBERT encoder: token ids in, hidden rows out. It knows no text and no labels.
///
/// Immutable and shared by any number of threads; each brings its own ``Workspace``.
/// Sanh et al., "DistilBERT, a distilled version of BERT", 2019.
package final class Encoder: Sendable {
  package let configuration: ModelConfiguration
  package let kernels: Kernels
  private let storage: WeightStorage
  private let embeddings: EmbeddingWeights
  private let layers: [LayerWeights]

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

  /// Bytes of the weights in memory.
  package var weightBytes: Int { storage.byteCount }

  package func makeWorkspace(maximumTokens: Int) -> Workspace {
    Workspace(maximumTokens: maximumTokens, configuration: configuration, kernels: kernels)
  }

  /// The last hidden rows [tokens or sequences, dim], in the workspace until its next use.
  ///
  /// The batch must fit the workspace, its sequences the model's positions, and its ids the
  /// vocabulary: the caller checks what comes from outside.
  package func forward(
    _ batch: PackedBatch, reading: Reading, _ workspace: inout Workspace
  ) -> Matrix<Float> {
    precondition(batch.tokenCount <= workspace.maximumTokens, "the batch exceeds the workspace")
    let activations = workspace.activations
    var hidden = matrix(workspace.hidden, rows: batch.tokenCount)
    embed(batch, into: hidden)
    for (index, layer) in layers.enumerated() {
      let isLast = index == layers.count - 1
      let wide = matrix(
        workspace.wide, rows: batch.tokenCount, columns: 3 * configuration.dimension)
      if isLast, reading == .firstTokens {
        let dimension = configuration.dimension
        let all = layer.queryKeyValue.outputs
        layer.queryKeyValue.apply(
          to: hidden, columns: dimension..<all, into: wide, kernels, activations)
        hidden = gatherFirstRows(of: hidden, batch)
        layer.queryKeyValue.apply(
          to: hidden, columns: 0..<dimension, into: wide, kernels, activations)
      } else {
        layer.queryKeyValue.apply(to: hidden, into: wide, kernels, activations)
      }
      let context = matrix(workspace.context, rows: hidden.rows)
      attend(
        batch, firstTokensOnly: isLast && reading == .firstTokens, wide, context,
        workspace.scratch.pointer)
      layer.attentionOutput.apply(
        to: context, ending: .biasResidual(hidden), into: hidden, kernels, activations)
      normalize(hidden, layer.attentionNorm)
      feedForward(hidden, layer, workspace.wide, activations)
      normalize(hidden, layer.outputNorm)
    }
    return hidden
  }

  /// hidden[t, :] = norm(word[ids[t], :] + position[t - start, :])
  private func embed(_ batch: PackedBatch, into hidden: Matrix<Float>) {
    for sequence in 0..<batch.sequenceCount {
      let range = batch.range(sequence)
      for token in range {
        let word = embeddings.word.row(Int(batch.ids[token]))
        let position = embeddings.position.row(token - range.lowerBound)
        let row = hidden.row(token)
        for column in 0..<hidden.columns { row[column] = word[column] + position[column] }
      }
    }
    normalize(hidden, embeddings.norm)
  }

  /// context = softmax(q kᵀ / √d) v, head by head within each sequence. The query of sequence i
  /// stands in the rows of its tokens, or in row i if only first tokens are read.
  private func attend(
    _ batch: PackedBatch, firstTokensOnly: Bool, _ wide: Matrix<Float>, _ context: Matrix<Float>,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    let (dimension, size) = (configuration.dimension, configuration.headSize)
    let scale = 1 / Float(size).squareRoot()
    for sequence in 0..<batch.sequenceCount {
      let range = batch.range(sequence)
      let queries = firstTokensOnly ? sequence..<sequence + 1 : range
      for first in stride(from: 0, to: dimension, by: size) {
        kernels.table.attention(
          head(wide, rows: queries, column: first),
          head(wide, rows: range, column: dimension + first),
          head(wide, rows: range, column: 2 * dimension + first),
          head(context, rows: queries, column: first), scale, scratch)
      }
    }
  }

  /// hidden += outer(activation(inner(hidden)))
  private func feedForward(
    _ hidden: Matrix<Float>, _ layer: LayerWeights, _ wide: borrowing AlignedBuffer<Float>,
    _ activations: ActivationScratch
  ) {
    let inside = matrix(wide, rows: hidden.rows, columns: configuration.hiddenDimension)
    if configuration.activation == .gelu {
      layer.inner.apply(to: hidden, ending: .biasGELU, into: inside, kernels, activations)
    } else {
      layer.inner.apply(to: hidden, into: inside, kernels, activations)
      kernels.table.activate(inside, configuration.activation)
    }
    layer.outer.apply(to: inside, ending: .biasResidual(hidden), into: hidden, kernels, activations)
  }

  private func normalize(_ rows: Matrix<Float>, _ norm: NormWeights) {
    kernels.table.layerNorm(rows, norm.weight, norm.bias, ModelConfiguration.normEpsilon, rows)
  }

  /// Moves the first row of every sequence to the front. The sources never lie before the targets,
  /// since every sequence has at least one token.
  private func gatherFirstRows(of hidden: Matrix<Float>, _ batch: PackedBatch) -> Matrix<Float> {
    for sequence in 0..<batch.sequenceCount where batch.starts[sequence] != sequence {
      hidden.row(sequence)
        .update(from: hidden.row(batch.starts[sequence]), count: hidden.columns)
    }
    return Matrix(hidden.pointer, rows: batch.sequenceCount, columns: hidden.columns)
  }

  private func head(_ rows: Matrix<Float>, rows range: Range<Int>, column: Int) -> Matrix<Float> {
    Matrix(
      rows.row(range.lowerBound) + column, rows: range.count, columns: configuration.headSize,
      stride: rows.stride)
  }

  private func matrix(
    _ buffer: borrowing AlignedBuffer<Float>, rows: Int, columns: Int? = nil
  ) -> Matrix<Float> {
    Matrix(buffer.pointer, rows: rows, columns: columns ?? configuration.dimension)
  }
}
