import SwiftletKernelCore
import SwiftletRuntime
import Testing

@testable import SwiftletTraining

/// The kernel as ``ModelOptimizer`` calls it, on every instruction set of this machine.
@Suite struct AdamWTests {
  /// Weights and moments that a kernel updates.
  private struct State {
    let table: KernelTable
    var weights: [Float]
    var first: [Float]
    var second: [Float]

    init(_ table: KernelTable, _ weights: [Float]) {
      self.table = table
      self.weights = weights
      first = weights.map { _ in 0 }
      second = first
    }

    mutating func update(_ gradients: [Float], _ scalars: AdamWScalars, clipping: Float = 1) {
      let count = weights.count
      weights.withUnsafeMutableBufferPointer { weights in
        first.withUnsafeMutableBufferPointer { first in
          second.withUnsafeMutableBufferPointer { second in
            gradients.withUnsafeBufferPointer { gradients in
              guard
                let weights = weights.baseAddress, let gradients = gradients.baseAddress,
                let first = first.baseAddress, let second = second.baseAddress
              else { return }
              table.training.adamW(
                weights, gradients, first, second, count,
                AdamWStep(scalars, clipping: clipping))
            }
          }
        }
      }
    }
  }

  @Test(arguments: Kernels.available)
  func `A hundred steps equal those of torch`(table: KernelTable) throws {
    let golden = try OptimizerGolden.load().adamw
    #expect(golden.cases.count == 3)
    let width = golden.start.count
    // Full vectors of 16 lanes and a rest.
    func copies(_ numbers: some Collection<Float>) -> [Float] {
      (0..<5).flatMap { _ in numbers }
    }
    let largest = (0..<width).map { element in
      stride(from: element, to: golden.gradients.count, by: width)
        .reduce(0) { max($0, abs(golden.gradients[$1])) }
    }
    for run in golden.cases {
      var options = AdamWOptions()
      options.weightDecay = run.weightDecay
      options.epsilon = run.epsilon
      var state = State(table, copies(golden.start))
      var expected = run.states[...]
      for step in 0..<golden.steps {
        let factor = LearningRateSchedule.linear.factor(
          step: step, total: golden.steps, warmup: run.warmup)
        let scalars = AdamWScalars(
          options, step: step + 1, learningRate: golden.rate * factor, decays: true)
        state.update(copies(golden.gradients[step * width..<(step + 1) * width]), scalars)
        guard let next = expected.first, next.step == step + 1 else { continue }
        expected.removeFirst()
        #expect(isClose(state.weights, copies(next.weights)))
        #expect(isClose(state.first, copies(next.first), scale: copies(largest)))
        #expect(isClose(state.second, copies(next.second)))
      }
      #expect(expected.isEmpty)
    }
  }

  /// Whether numbers are equal within 1e-6 of their scale, which is their own magnitude where it is
  /// not given. A mean of gradients of both signs is smaller than the numbers it is rounded with.
  private func isClose(_ numbers: [Float], _ expected: [Float], scale: [Float]? = nil) -> Bool {
    numbers.indices.allSatisfy { index in
      let scale = scale?[index] ?? abs(expected[index])
      return abs(numbers[index] - expected[index]) <= 1e-6 * scale + .leastNormalMagnitude
    }
  }

  @Test(arguments: Kernels.available)
  func `Clipping multiplies the gradients before the moments`(table: KernelTable) {
    let step = AdamWScalars(AdamWOptions(), step: 1, learningRate: 0.1, decays: false)
    var (clipped, scaled) = (State(table, [1, -2, 3]), State(table, [1, -2, 3]))
    clipped.update([4, 8, -2], step, clipping: 0.25)
    scaled.update([1, 2, -0.5], step)
    #expect(clipped.weights == scaled.weights)
    #expect(clipped.first == scaled.first)
    #expect(clipped.second == scaled.second)
  }

  @Test(arguments: Kernels.available)
  func `A tensor that does not decay keeps its value without a gradient`(table: KernelTable) {
    var options = AdamWOptions()
    options.weightDecay = 0.5
    var state = State(table, [1, -2])
    state.update([0, 0], AdamWScalars(options, step: 1, learningRate: 0.1, decays: false))
    #expect(state.weights == [1, -2])
    state.update([0, 0], AdamWScalars(options, step: 2, learningRate: 0.1, decays: true))
    #expect(state.weights == [0.95, -1.9])
  }

  @Test func `An option out of range is named`() {
    func error(_ change: (inout AdamWOptions) -> Void) -> TrainingError? {
      var options = AdamWOptions()
      change(&options)
      do throws(TrainingError) {
        try options.check()
        return nil
      } catch {
        return error
      }
    }
    #expect(error { _ in } == nil)
    #expect(error { $0.beta1 = 1 }?.description.hasPrefix("--adam-beta1 ") == true)
    #expect(error { $0.beta2 = -0.1 }?.description.hasPrefix("--adam-beta2 ") == true)
    #expect(error { $0.epsilon = .infinity }?.description.hasPrefix("--adam-epsilon ") == true)
    #expect(error { $0.weightDecay = .nan }?.description.hasPrefix("--weight-decay ") == true)
  }
}
