import Swiftlet
import SwiftletRuntime

extension TrainingOptions {
  /// ``precision`` as the kernels name it.
  var kernelPrecision: SwiftletRuntime.Precision { precision == .bfloat16 ? .bfloat16 : .float32 }

  /// Checks that this process has the kernels of ``precision``.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)``, which names the instruction.
  func checkPrecision() throws(TrainingError) {
    do throws(KernelsError) {
      _ = try Kernels(backend: .native, precision: kernelPrecision)
    } catch {
      // Loading the model reports other errors.
      guard case .noBFloat16(let instructionSet) = error else { return }
      throw .invalidOption(
        name: "--precision",
        reason: "is bfloat16, which \(KernelsError.bfloat16Need(instructionSet)); use float32")
    }
  }
}
