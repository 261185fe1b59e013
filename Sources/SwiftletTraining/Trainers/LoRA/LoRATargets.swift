import SwiftletCheckpoint
import SwiftletEncoder

/// The linear layers that get low-rank matrices beside their weights.
struct LoRATargets: Sendable {
  let rank: Int
  let alpha: Double
  /// The last parts of the layers' names, as peft's `target_modules`.
  let modules: [String]
  /// The weights of the layers, in the order of the model.
  let weights: [Parameter]
  /// The first parameter of each tensor that contains one of ``weights``.
  private let firstNames: Set<String>

  /// Finds the layers; nil for a method other than LoRA.
  ///
  /// Layers that are trained as a whole are not among them.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` for a name that no layer has.
  init?(
    _ method: TrainingOptions.Method, _ configuration: ModelConfiguration, head: ModelHead?,
    trainsWhole: (Parameter) -> Bool
  ) throws(TrainingError) {
    guard case .lora(let rank, let alpha, let targets) = method else { return nil }
    let architecture = configuration.architecture
    let modules = targets.isEmpty ? architecture.usualLoRAModules : targets
    let linear = configuration.parameters(head: head).filter {
      $0.role == .linearWeight && $0.tiedTo == nil && !trainsWhole($0)
    }
    for module in modules where !linear.contains(where: { $0.isWeight(of: module) }) {
      let names = linear.filter { $0.layer == 0 || $0.layer == nil }.map {
        $0.module.split(separator: ".").last.map(String.init) ?? $0.module
      }
      throw .invalidOption(
        name: "--method",
        reason: "names the layer \(module), which the model does not have for lora; it has "
          + TrainingError.list(names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }))
    }
    (self.rank, self.alpha, self.modules) = (rank, alpha, modules)
    weights = linear.filter { parameter in modules.contains(where: parameter.isWeight) }
    let parts = architecture.parts(of: .queryKeyValue)
    firstNames = Set(
      weights.map { weight in
        guard let layer = weight.layer, parts.contains(where: weight.isWeight) else {
          return weight.name
        }
        return architecture.layer(layer) + parts[0] + ".weight"
      })
  }

  /// Whether the tensor that begins with a parameter needs a gradient.
  func needsGradient(_ parameter: Parameter) -> Bool { firstNames.contains(parameter.name) }
}

extension Parameter {
  /// The name of the layer that has the parameter.
  var module: String { name.split(separator: ".").dropLast().joined(separator: ".") }

  /// Whether the parameter belongs to the layers that peft selects by `name`: a whole name, or its last
  /// parts.
  fileprivate func isWeight(of name: String) -> Bool {
    module == name || module.hasSuffix("." + name)
  }
}

extension Architecture {
  /// The query and value projections: peft's choice for BERT, and the same for DistilBERT.
  fileprivate var usualLoRAModules: [String] {
    switch self {
    case .distilBERT: ["q_lin", "v_lin"]
    case .bert: ["query", "value"]
    }
  }
}
