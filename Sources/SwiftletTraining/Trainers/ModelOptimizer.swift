package import SwiftletCheckpoint
package import SwiftletEncoder
package import SwiftletKernelCore
package import SwiftletRuntime
package import SwiftletSystem

/// AdamW over the tensors of a model, on all threads.
///
/// Sums of squares are taken in blocks that depend on the tensors only. The result therefore has the same
/// bits on any number of threads.
package final class ModelOptimizer: TrainingOptimizer {
  private let tensors: [OptimizedTensor]
  private let options: AdamWOptions
  private let kernels: TrainingKernels
  private let pool: WorkerPool
  private let storage: WeightStorage
  private let complete: () -> Void
  /// Steps so far.
  package internal(set) var step = 0

  /// A tensor with its moments, in the layout of its values.
  struct OptimizedTensor: @unchecked Sendable {
    let tensor: TrainedTensor
    let group: ParameterGroups.Group
    let firstMoments: UnsafeMutablePointer<Float>
    let secondMoments: UnsafeMutablePointer<Float>
  }

  /// Allocates the moments of the tensors that have a group.
  ///
  /// - Throws: `MemoryError`.
  package convenience init(
    _ tensors: [TrainedTensor], groups: ParameterGroups, options: AdamWOptions,
    kernels: KernelTable, pool: WorkerPool, completing complete: @escaping () -> Void
  ) throws(MemoryError) {
    try self.init(
      tensors, group: groups.group(of:), options: options, kernels: kernels, pool: pool,
      completing: complete)
  }

  /// Allocates the moments, which take memory only where a gradient was. Tensors whose first parameter has
  /// no group keep their values; `complete` completes the gradients of a step before they are measured.
  ///
  /// - Throws: `MemoryError`.
  package init(
    _ tensors: [TrainedTensor], group: (Parameter) -> ParameterGroups.Group?,
    options: AdamWOptions, kernels: KernelTable, pool: WorkerPool,
    completing complete: @escaping () -> Void
  ) throws(MemoryError) {
    let storage = WeightStorage()
    var optimized: [OptimizedTensor] = []
    for tensor in tensors {
      guard let group = tensor.parameters.first.flatMap(group) else { continue }
      optimized.append(
        OptimizedTensor(
          tensor: tensor, group: group, firstMoments: try storage.allocate(tensor.count),
          secondMoments: try storage.allocate(tensor.count)))
    }
    self.tensors = optimized
    self.options = options
    self.kernels = kernels.training
    self.pool = pool
    self.storage = storage
    self.complete = complete
  }

  // MARK: Clipping

  package func clipping(limit: Double) -> GradientClipping {
    complete()
    let blocks = tensors.enumerated().flatMap { index, tensor in
      tensor.tensor.gradientBlocks.map { (index, $0) }
    }
    let sums = SharedSums(count: blocks.count)
    let (tensors, kernels) = (tensors, kernels)
    pool.run(count: blocks.count) { number in
      let (index, block) = blocks[number]
      sums[number] = kernels.sumOfSquares(
        tensors[index].tensor.gradients + block.lowerBound, block.count)
    }
    var squares = [Double](repeating: 0, count: tensors.count)
    for (number, (index, _)) in blocks.enumerated() { squares[index] += sums[number] }
    return GradientClipping(squaredNorms: squares, limit: limit)
  }

  /// Numbers that threads write at different places.
  private final class SharedSums: @unchecked Sendable {
    private let memory: UnsafeMutablePointer<Double>
    private let count: Int

    init(count: Int) {
      self.count = count
      memory = .allocate(capacity: max(count, 1))
      memory.initialize(repeating: 0, count: max(count, 1))
    }

    deinit { memory.deallocate() }

    subscript(index: Int) -> Double {
      get { memory[index] }
      set { memory[index] = newValue }
    }
  }

  // MARK: Update

  package func update(learningRate: Double, clipping: Float) {
    step += 1
    let steps = tensors.map { tensor in
      let scalars = AdamWScalars(
        options, step: step, learningRate: learningRate * tensor.group.rateFactor,
        decays: tensor.group.decays)
      return AdamWStep(scalars, clipping: clipping)
    }
    let blocks = tensors.enumerated().flatMap { index, tensor in
      tensor.tensor.updateBlocks(decays: steps[index].shrinks).map { (index, $0) }
    }
    let (tensors, kernels) = (tensors, kernels)
    pool.run(count: blocks.count) { number in
      let (index, block) = blocks[number]
      let tensor = tensors[index]
      let first = block.range.lowerBound
      if block.isUntouched {
        steps[index].shrink(tensor.tensor.values + first, count: block.range.count)
      } else {
        kernels.adamW(
          tensor.tensor.values + first, tensor.tensor.gradients + first,
          tensor.firstMoments + first, tensor.secondMoments + first, block.range.count,
          steps[index])
      }
    }
  }

  /// The moments of the tensors, in the order of the model.
  var moments: [OptimizedTensor] { tensors }

  /// Continues after `step` steps, whose moments were written to ``moments``.
  func restore(step: Int) {
    self.step = step
    for tensor in tensors {
      guard let touched = tensor.tensor.touched else { continue }
      let width = touched.width
      touched.restore(
        touched.ever.indices.map { row in
          (row * width..<(row + 1) * width).contains {
            tensor.firstMoments[$0] != 0 || tensor.secondMoments[$0] != 0
          }
        })
    }
  }
}

extension AdamWStep {
  init(_ scalars: AdamWScalars, clipping: Float) {
    self.init(
      learningRate: scalars.learningRate, weightDecay: scalars.weightDecay, beta1: scalars.beta1,
      beta2: scalars.beta2, epsilon: scalars.epsilon, biasCorrection1: scalars.biasCorrection1,
      biasCorrection2: scalars.biasCorrection2, gradientScale: clipping)
  }
}

extension TrainedTensor {
  /// The floats that a thread takes at a time.
  private static var blockSize: Int { 1 << 15 }

  private static func blocks(_ range: Range<Int>) -> [Range<Int>] {
    stride(from: range.lowerBound, to: range.upperBound, by: blockSize).map {
      $0..<min($0 + blockSize, range.upperBound)
    }
  }

  /// The parts of the gradient that may not be zero.
  fileprivate var gradientBlocks: [Range<Int>] {
    guard let touched else { return Self.blocks(0..<count) }
    return touched.current.sorted().map { $0 * touched.width..<($0 + 1) * touched.width }
  }

  /// The parts that a step changes: rows that never had a gradient only shrink, if they decay.
  fileprivate func updateBlocks(
    decays: Bool
  ) -> [(range: Range<Int>, isUntouched: Bool)] {
    guard let touched else { return Self.blocks(0..<count).map { ($0, false) } }
    var result: [(range: Range<Int>, isUntouched: Bool)] = []
    var first = 0
    while first < touched.ever.count {
      let isTouched = touched.ever[first]
      var last = first + 1
      while last < touched.ever.count, touched.ever[last] == isTouched { last += 1 }
      if isTouched || decays {
        result += Self.blocks(first * touched.width..<last * touched.width).map {
          ($0, !isTouched)
        }
      }
      first = last
    }
    return result
  }
}
