#if Hub
import Testing

@testable import SwiftletHub

@Suite struct ModelFilesSelectionTests {
  private func selection(_ names: String...) -> ModelFilesSelection {
    ModelFilesSelection(TreeListing(names.map { .init(path: $0, size: 1, blobID: "x") }))
  }

  @Test func `safetensors precede PyTorch, and PyTorch precedes ONNX`() {
    let all = ["model.safetensors", "pytorch_model.bin", "onnx/model.onnx", "model.onnx"]
    for (index, name) in all.enumerated() {
      let listing = TreeListing(all[index...].map { .init(path: $0, size: 1, blobID: "x") })
      #expect(ModelFilesSelection(listing).weights(in: "") == .files([name]))
    }
    #expect(selection("tf_model.h5", "model.fp16.safetensors").weights(in: "") == nil)
  }

  @Test func `an index stands for its shards`() {
    let shards = selection(
      "model.safetensors.index.json", "model-00001-of-00002.safetensors", "pytorch_model.bin")
    #expect(shards.weights(in: "") == .index("model.safetensors.index.json"))
    #expect(
      selection("pytorch_model.bin.index.json").weights(in: "")
        == .index("pytorch_model.bin.index.json"))
  }

  @Test func `a graph comes with the file of its tensors`() {
    #expect(
      selection("onnx/model.onnx", "onnx/model.onnx_data", "onnx/model_O4.onnx").weights(in: "")
        == .files(["onnx/model.onnx", "onnx/model.onnx_data"]))
    #expect(
      selection("onnx/model_quantized.onnx").weights(in: "")
        == .files(["onnx/model_quantized.onnx"]))
  }

  @Test func `weights of a module are in its folder`() {
    let names = selection("model.safetensors", "2_Dense/pytorch_model.bin", "2_Dense/config.json")
    #expect(names.weights(in: "2_Dense") == .files(["2_Dense/pytorch_model.bin"]))
    #expect(names.settings(ofModule: "2_Dense") == ["2_Dense/config.json"])
  }

  @Test func `settings are what loading reads and nothing else`() {
    let names = selection(
      ".gitattributes", "README.md", "config.json", "vocab.txt", "tokenizer.json", "merges.txt",
      "training_args.bin", "1_Pooling/config.json", "modules.json", "model.safetensors")
    #expect(names.settings == ["config.json", "tokenizer.json", "vocab.txt", "modules.json"])
  }
}
#endif
