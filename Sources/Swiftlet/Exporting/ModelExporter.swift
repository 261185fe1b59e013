import SwiftletONNX
import SwiftletSystem

/// Writes models as ONNX graphs, which ONNX Runtime, OpenVINO, transformers.js and
/// text-embeddings-inference run with the same answers.
///
///     try ModelExporter.export(directory: "path/to/model", into: "path/to/model-onnx")
///
/// Inputs, outputs and axes have the names of Hugging Face optimum. The same model and options give
/// the same bytes.
public enum ModelExporter {
  /// The name of the float32 graph in the new folder.
  private static let graph = "onnx/model.onnx"
  /// The name of the int8 graph in the new folder.
  private static let quantizedGraph = "onnx/model_quantized.onnx"
  /// The name of a graph that links to weights, beside which it must be.
  private static let linkedGraph = "model.onnx"

  /// Writes the model in `directory` to the new folder `output`.
  ///
  /// The folder gets `onnx/model.onnx`, with ``ExportOptions/quantization`` also
  /// `onnx/model_quantized.onnx`, and copies of `config.json` and of the files of the tokenizer and
  /// of sentence-transformers. A model with only a `vocab.txt` also gets a `tokenizer.json`, which
  /// other programs need. With ``ExportOptions/linksWeights`` it gets `model.onnx` and a copy of
  /// the weights. It is renamed to `output` when it is complete, and deleted on failure. Weights of
  /// more than 2 GiB are written to a file `model.onnx_data` beside the graph.
  ///
  /// - Parameters:
  ///   - directory: The model's folder. If its weights are int8, only the int8 graph is written,
  ///     which must be ``ExportOptions/Quantization/exact``.
  ///   - output: The folder to write, whose parent must exist. An existing folder that is not empty
  ///     is an error.
  ///   - options: The operators, the task and the int8 form.
  ///   - replacing: Whether `output` may be an exported model without other files.
  /// - Returns: The task and the files.
  /// - Throws: ``SwiftletError/unwritable(reason:)`` if `output` can't be written,
  ///   ``SwiftletError/invalidOption(reason:)`` for options that exclude each other, and the errors
  ///   of loading the model.
  @discardableResult
  public static func export(
    directory: String, into output: String, options: ExportOptions = ExportOptions(),
    replacing: Bool = false
  ) throws(SwiftletError) -> ExportResult {
    let (folder, result) = try prepare(directory, output, options, replacing)
    try folder.commit()
    return result
  }

  /// Exports a model unless `isUnwanted` returns true before the commit; then returns nil and
  /// writes nothing.
  package static func export(
    directory: String, into output: String, options: ExportOptions, replacing: Bool,
    unless isUnwanted: () -> Bool
  ) throws(SwiftletError) -> ExportResult? {
    let (folder, result) = try prepare(directory, output, options, replacing)
    if isUnwanted() { return nil }
    try folder.commit()
    return result
  }

  /// Writes the graph `model.onnx` into the folder of a model, with links to the weights there.
  ///
  /// The file has some 100 kB. One set of weights then serves transformers, Swiftlet and ONNX
  /// Runtime. float16 and bfloat16 weights are converted to float32 when a program loads the graph.
  ///
  /// - Parameters:
  ///   - directory: The model's folder, whose weights are files, not links, in float formats.
  ///   - options: The operators and the task; ``ExportOptions/linksWeights`` is implied.
  ///   - replacing: Whether to replace a `model.onnx` that Swiftlet wrote.
  /// - Returns: The task and the file.
  /// - Throws: As ``export(directory:into:options:replacing:)``.
  @discardableResult
  public static func link(
    directory: String, options: ExportOptions = ExportOptions(linksWeights: true),
    replacing: Bool = false
  ) throws(SwiftletError) -> ExportResult {
    var options = options
    options.linksWeights = true
    try check(options)
    let source = try ExportSource(directory, task: options.task)
    let name = source.folder.nameInTransformer(linkedGraph)
    let path = ModelFiles.path(name, in: source.folder.directory)
    if FileStatus.exists(path) {
      let isOurs = ONNXExporter.hasWritten(path)
      guard replacing, isOurs else {
        throw .unwritable(
          reason: isOurs
            ? "\(path) already exists; replace it with --force (replacing: true)"
            : "\(path) already exists and was not written by Swiftlet; rename it, or export to a "
              + "new folder")
      }
    }
    let linked = ONNXExportOptions(
      opset: .init(options.operatorSet), linkedFolder: source.folder.transformer)
    try write(source, linked, to: path)
    return result(of: source, [name], in: source.folder.directory)
  }

  /// Writes all files to a staged folder.
  private static func prepare(
    _ directory: String, _ output: String, _ options: ExportOptions, _ replacing: Bool
  ) throws(SwiftletError) -> (folder: ExportFolder, result: ExportResult) {
    try check(options)
    let source = try ExportSource(directory, task: options.task)
    let tokenizer = try ModelLoading.tokenizer(of: source.folder)
    let graphs = try graphs(options, source)
    let names = graphs.map { source.folder.nameInTransformer($0.name) }
    let folder = try ExportFolder(
      output, for: source, graphs: names, copiesWeights: options.linksWeights,
      replacing: replacing)
    try folder.copyFiles()
    try folder.write(tokenizer)
    var files: [String] = []
    for (graph, name) in zip(graphs, names) {
      let place = try folder.place(of: name)
      if options.linksWeights {
        // The copies are files even where the model's own are links.
        let copy = try ExportSource(folder.path, task: ExportOptions.Task(source.task))
        var linked = graph.options
        linked.linkedFolder = copy.folder.transformer
        files += try write(copy, linked, to: place, named: name)
      } else {
        files += try write(source, graph.options, to: place, named: name)
      }
    }
    return (folder, result(of: source, files, in: folder.path))
  }

  private static func check(_ options: ExportOptions) throws(SwiftletError) {
    guard options.linksWeights, options.quantization != nil else { return }
    throw .invalidOption(
      reason: "a graph that links to the weights of a checkpoint is float32; export the int8 form "
        + "without --link (linksWeights: false)")
  }

  /// The graphs to write.
  private static func graphs(
    _ options: ExportOptions, _ source: ExportSource
  ) throws(SwiftletError) -> [(name: String, options: ONNXExportOptions)] {
    let float = ONNXExportOptions(opset: .init(options.operatorSet))
    if options.linksWeights { return [(linkedGraph, float)] }
    guard let quantization = options.quantization else { return [(graph, float)] }
    var quantized = float
    quantized.quantization = ONNXQuantization(quantization)
    // Int8 weights can't become floats again.
    return source.isQuantized
      ? [(quantizedGraph, quantized)] : [(graph, float), (quantizedGraph, quantized)]
  }

  /// Writes a graph; returns the names of its files relative to the model's folder.
  @discardableResult
  private static func write(
    _ source: ExportSource, _ options: ONNXExportOptions, to path: String, named name: String = ""
  ) throws(SwiftletError) -> [String] {
    do throws(ONNXExportError) {
      let files = try ONNXExporter.write(source.model, options: options, to: path)
      return files.count > 1 ? [name, name + "_data"] : [name]
    } catch {
      throw SwiftletError(error)
    }
  }

  private static func result(
    of source: ExportSource, _ names: [String], in folder: String
  ) -> ExportResult {
    ExportResult(
      task: ExportOptions.Task(source.task),
      files: names.map {
        .init(name: $0, bytes: ModelFiles.size(of: ModelFiles.path($0, in: folder)))
      })
  }
}

extension SwiftletError {
  init(_ error: ONNXExportError) {
    switch error {
    case .checkpoint(let error): self = SwiftletError(error)
    case .notLinkable, .needsFloats: self = .invalidOption(reason: error.description)
    case .unwritable(let reason): self = .unwritable(reason: reason)
    }
  }
}
