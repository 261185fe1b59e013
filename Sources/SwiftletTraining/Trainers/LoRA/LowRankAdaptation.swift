import SwiftletCheckpoint
package import SwiftletEncoder
import SwiftletRuntime
import SwiftletSystem

/// Low-rank matrices A [rank, inputs] and B [outputs, rank] beside the weights of linear layers, which are
/// W = W0 + (alpha / rank) B A.
///
/// Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021. The model computes with W, so
/// that its passes are those of any training. The gradients of A and B follow from that of W, once for each
/// step; every sum has one order, so the bits do not depend on the number of threads. As in peft without
/// `lora_dropout`, which this form can't express.
package final class LowRankAdaptation: @unchecked Sendable {
  /// One layer, which may share its tensor with others, as query, key and value do.
  struct Layer: @unchecked Sendable {
    let weight: Parameter
    /// The tensor with W.
    let tensor: TrainedTensor
    /// W0, in the layout of `tensor`.
    let base: UnsafeMutablePointer<Float>
    /// Where the layer begins among the outputs of the tensor.
    let firstOutput: Int
    let inputs: Int
    let panelWidth: Int
    let a: TrainedTensor
    let b: TrainedTensor

    var outputs: Int { weight.shape[0] }
    /// The panels with outputs of the layer.
    var panels: Range<Int> {
      firstOutput / panelWidth..<(firstOutput + outputs + panelWidth - 1) / panelWidth
    }

    /// The outputs of a panel that belong to the layer, as places in the panel.
    func lanes(of panel: Int) -> Range<Int> {
      let start = panel * panelWidth
      return max(firstOutput - start, 0)..<min(firstOutput + outputs - start, panelWidth)
    }
  }

  let rank: Int
  let alpha: Double
  let modules: [String]
  let layers: [Layer]
  private let pool: WorkerPool
  private let storage: WeightStorage
  /// The names of the first parameters of the tensors with W.
  private let changedNames: Set<String>
  private let matrixNames: Set<String>

  /// Allocates A and B: A uniform as torch initialises a linear layer (Kaiming with √5), B zero. `tensors`
  /// are those of the model, the targets included.
  ///
  /// - Throws: `MemoryError`.
  init(
    _ targets: LoRATargets, _ tensors: [TrainedTensor], seed: UInt64, pool: WorkerPool
  ) throws(MemoryError) {
    let storage = WeightStorage()
    let initializer = GaussianInitializer(seed: seed)
    var layers: [Layer] = []
    var changed: Set<String> = []
    for tensor in tensors {
      guard case .panels(let inputs, let width) = tensor.layout else { continue }
      let parts = tensor.parameters.enumerated().filter { targets.weights.contains($0.element) }
      guard !parts.isEmpty else { continue }
      changed.insert(tensor.parameters[0].name)
      let base: UnsafeMutablePointer<Float> = try storage.allocate(tensor.count)
      base.update(from: tensor.values, count: tensor.count)
      for (index, weight) in parts {
        let (a, b) = try Self.matrices(weight, targets.rank, initializer, storage)
        let first = tensor.parameters[..<index].reduce(0) { $0 + $1.shape[0] }
        layers.append(
          Layer(
            weight: weight, tensor: tensor, base: base, firstOutput: first, inputs: inputs,
            panelWidth: width, a: a, b: b))
      }
    }
    (rank, alpha, modules) = (targets.rank, targets.alpha, targets.modules)
    (self.layers, self.pool, self.storage) = (layers, pool, storage)
    changedNames = changed
    matrixNames = Set(layers.flatMap { [$0.a, $0.b] }.flatMap(\.parameters).map(\.name))
  }

  private static func matrices(
    _ weight: Parameter, _ rank: Int, _ initializer: GaussianInitializer, _ storage: WeightStorage
  ) throws(MemoryError) -> (a: TrainedTensor, b: TrainedTensor) {
    func tensor(_ part: String, _ inputs: Int, _ outputs: Int) throws(MemoryError) -> TrainedTensor
    {
      let name = "\(weight.module).lora_\(part)"
      let count = inputs * outputs
      return TrainedTensor(
        parameters: Parameter.linear(name, inputs: inputs, outputs: outputs, hasBias: false),
        values: try storage.allocate(count), gradients: try storage.allocate(count), count: count)
    }
    let inputs = weight.shape[1]
    let a = try tensor("A", inputs, rank)
    let values = initializer.uniformValues(
      of: a.parameters[0].name, count: a.count, bound: 1 / Double(inputs).squareRoot())
    a.values.update(from: values, count: a.count)
    return (a, try tensor("B", rank, weight.shape[0]))
  }

  /// Bytes of W0, of A and B, and of their gradients.
  var byteCount: Int { storage.byteCount }

  /// A and B of every layer.
  package var tensors: [TrainedTensor] { layers.flatMap { [$0.a, $0.b] } }

  /// Whether a tensor of the model has the weights W of a layer.
  func changes(_ tensor: TrainedTensor) -> Bool {
    tensor.parameters.first.map { changedNames.contains($0.name) } ?? false
  }

  /// The group of A and B: the rate of the body. Nil for other parameters.
  func group(of parameter: Parameter) -> ParameterGroups.Group? {
    guard matrixNames.contains(parameter.name) else { return nil }
    return ParameterGroups.Group(rateFactor: 1, decays: parameter.decays)
  }

  private var scale: Float { Float(alpha / Double(rank)) }

  // MARK: W = W0 + scale B A

  /// Writes W into the model. The rest of a shared tensor keeps its bits.
  package func writeWeights() {
    let panels = layers.flatMap { layer in layer.panels.map { (layer, $0) } }
    let (rank, scale) = (rank, scale)
    pool.run(count: panels.count) { index in
      let (layer, panel) = panels[index]
      layer.writeWeights(of: panel, rank: rank, scale: scale)
    }
  }

  // MARK: dB = scale dW Aᵀ, dA = scale Bᵀ dW

  /// Computes the gradients of A and B from those of W.
  package func completeGradients() {
    let panels = layers.flatMap { layer in layer.panels.map { (layer, $0) } }
    let blocks = layers.flatMap { layer in
      stride(from: 0, to: layer.inputs, by: Self.inputBlock).map { first in
        (layer, first..<min(first + Self.inputBlock, layer.inputs))
      }
    }
    let (rank, scale) = (rank, scale)
    pool.run(count: panels.count + blocks.count) { index in
      if index < panels.count {
        let (layer, panel) = panels[index]
        layer.writeGradientOfB(panel, rank: rank, scale: scale)
      } else {
        let (layer, inputs) = blocks[index - panels.count]
        layer.writeGradientOfA(inputs, rank: rank, scale: scale)
      }
    }
  }

  /// The inputs that a thread takes at a time.
  private static let inputBlock = 64
}

extension LowRankAdaptation.Layer {
  /// The sums have the order of `LoRAAdapter.merge`, and so its bits.
  fileprivate func writeWeights(of panel: Int, rank: Int, scale: Float) {
    let lanes = lanes(of: panel)
    let output = panel * panelWidth - firstOutput
    // The first row sums the change, the others are Bᵀ.
    withUnsafeTemporaryAllocation(of: Float.self, capacity: panelWidth * (rank + 1)) { buffer in
      guard let change = buffer.baseAddress else { return }
      let columns = change + panelWidth
      for part in 0..<rank {
        for lane in lanes {
          columns[part * panelWidth + lane] = b.values[(output + lane) * rank + part]
        }
      }
      for input in 0..<inputs {
        for lane in lanes { change[lane] = 0 }
        for part in 0..<rank {
          let factor = a.values[part * inputs + input]
          let column = columns + part * panelWidth
          for lane in lanes { change[lane] += column[lane] * factor }
        }
        let row = (panel * inputs + input) * panelWidth
        for lane in lanes { tensor.values[row + lane] = base[row + lane] + scale * change[lane] }
      }
    }
  }

  fileprivate func writeGradientOfB(_ panel: Int, rank: Int, scale: Float) {
    let lanes = lanes(of: panel)
    let output = panel * panelWidth - firstOutput
    let rows = tensor.gradients + panel * inputs * panelWidth
    withUnsafeTemporaryAllocation(of: Float.self, capacity: panelWidth) { buffer in
      guard let sums = buffer.baseAddress else { return }
      for part in 0..<rank {
        for lane in lanes { sums[lane] = 0 }
        for input in 0..<inputs {
          let factor = a.values[part * inputs + input]
          for lane in lanes { sums[lane] += rows[input * panelWidth + lane] * factor }
        }
        for lane in lanes { b.gradients[(output + lane) * rank + part] = scale * sums[lane] }
      }
    }
  }

  fileprivate func writeGradientOfA(_ block: Range<Int>, rank: Int, scale: Float) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: rank) { buffer in
      guard let sums = buffer.baseAddress else { return }
      for input in block {
        for part in 0..<rank { sums[part] = 0 }
        for panel in panels {
          let row = tensor.gradients + (panel * inputs + input) * panelWidth
          let output = panel * panelWidth - firstOutput
          for lane in lanes(of: panel) {
            let factors = b.values + (output + lane) * rank
            for part in 0..<rank { sums[part] += factors[part] * row[lane] }
          }
        }
        for part in 0..<rank { a.gradients[part * inputs + input] = scale * sums[part] }
      }
    }
  }
}
