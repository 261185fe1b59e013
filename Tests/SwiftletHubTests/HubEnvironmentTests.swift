#if Hub
import Testing

@testable import SwiftletHub

@Suite struct HubEnvironmentTests {
  private func settings(
    _ variables: [String: String], _ options: HubOptions = HubOptions()
  ) throws -> HubSettings {
    let variables = variables.merging(["HOME": "/home/me"]) { given, _ in given }
    return try HubSettings(options, HubEnvironment { variables[$0] })
  }

  @Test(arguments: [
    ([:], "/home/me/.cache/huggingface/hub"),
    (["XDG_CACHE_HOME": "/xdg"], "/xdg/huggingface/hub"),
    (["XDG_CACHE_HOME": "/xdg", "HF_HOME": "/hf"], "/hf/hub"),
    (["HF_HOME": "~/hf"], "/home/me/hf/hub"), (["HF_HOME": "$HOME/hf"], "/home/me/hf/hub"),
    (["HF_HOME": "/hf", "HUGGINGFACE_HUB_CACHE": "/old"], "/old"),
    (["HUGGINGFACE_HUB_CACHE": "/old", "HF_HUB_CACHE": "/new"], "/new"),
    (["HF_HUB_CACHE": "${A}/b$C/$NONE/${NONE}", "A": "/a", "C": "c"], "/a/bc/$NONE/${NONE}"),
    (["HF_HUB_CACHE": "/a$"], "/a$"), (["HF_HUB_CACHE": "/a${b"], "/a${b"),
  ])
  func `the cache is where huggingface_hub has it`(
    variables: [String: String], expected: String
  ) throws {
    #expect(try settings(variables).cache == expected)
  }

  @Test(arguments: [
    ([:], nil), (["HF_TOKEN": " a\n"], "a"), (["HUGGING_FACE_HUB_TOKEN": "b"], "b"),
    (["HF_TOKEN": "a", "HUGGING_FACE_HUB_TOKEN": "b"], "a"),
    (["HF_TOKEN": "a", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "yes"], nil), (["HF_TOKEN": " "], nil),
  ])
  func `the token is the first that is set`(variables: [String: String], expected: String?) throws {
    #expect(try settings(variables).token?.text == expected)
    #expect(try settings(variables, HubOptions(token: .none)).token == nil)
    #expect(try settings(variables, HubOptions(token: .text("own"))).token?.text == "own")
  }

  @Test func `a token is not shown`() throws {
    let token = try #require(try settings(["HF_TOKEN": "hf_secret"]).token)
    var dumped = ""
    dump(token, to: &dumped)
    #expect(!"\(token)\(String(reflecting: token))\(dumped)".contains("secret"))
  }

  @Test(arguments: [
    ("1", true), ("ON", true), ("yes", true), ("True", true), ("0", false), ("off", false),
    ("2", false),
  ])
  func `true is written in four ways`(value: String, expected: Bool) throws {
    #expect(try settings(["HF_HUB_OFFLINE": value]).isOffline == expected)
    #expect(try settings(["TRANSFORMERS_OFFLINE": value]).isOffline == expected)
    #expect(try settings(["HF_HUB_DISABLE_SYMLINKS": value]).usesLinks == !expected)
    #expect(
      try settings(["HF_HUB_OFFLINE": value], HubOptions(isOffline: false)).isOffline == false)
  }

  @Test(arguments: [
    "HF_ENDPOINT", "HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT", "HF_TOKEN",
  ])
  func `an invalid value names its variable`(name: String) {
    #expect {
      try settings([name: "no good ü"])
    } throws: { error in
      if case HubError.invalidSetting(name, _, _) = error { true } else { false }
    }
  }

  @Test func `seconds have a default and a range`() throws {
    #expect(try settings([:]).metadataTimeout == 10)
    #expect(try settings(["HF_HUB_ETAG_TIMEOUT": "0"]).metadataTimeout == 10)
    #expect(try settings(["HF_HUB_DOWNLOAD_TIMEOUT": "30"]).downloadTimeout == 30)
    #expect(throws: HubError.self) { try settings(["HF_HUB_ETAG_TIMEOUT": "99999999999999999999"]) }
  }
}
#endif
