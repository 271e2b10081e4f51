#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <csignal>
#include <memory>

#include "foundation/config/test_support.h"
#include "foundation/http/http_client.h"
#include "foundation/http/test_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;

Certificate signed_by_itself(EVP_PKEY* key, const std::string& name, int64_t seconds_left) {
  Certificate certificate(X509_new());
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_set_version(certificate.get(), X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -100'000);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), seconds_left);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("fusion test"), -1, -1,
                             0);
  X509_set_issuer_name(certificate.get(), subject);
  const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name.c_str()));
  X509_add_ext(certificate.get(), names.get(), -1);
  X509_sign(certificate.get(), key, EVP_sha256());
  return certificate;
}

/// A server whose certificate is its own authority.
class TlsServer {
 public:
  explicit TlsServer(const std::string& name, int64_t seconds_left = 100'000)
      : key_(EVP_EC_gen("P-256")), certificate_(signed_by_itself(key_.get(), name, seconds_left)) {
    (void)std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to whoever has left, too
    SSL_CTX_use_certificate(context_.get(), certificate_.get());
    SSL_CTX_use_PrivateKey(context_.get(), key_.get());
    const std::unique_ptr<BIO, Freed<BIO_free>> file(BIO_new_file(ca_file().c_str(), "w"));
    PEM_write_bio_X509(file.get(), certificate_.get());
  }

  std::string ca_file() const { return folder_ / "ca.pem"; }
  HttpResponse get(const std::string& host, const HttpClientOptions& options) const {
    const HttpClient client(options);
    const HttpRequest request{.url = parse_url(cat("https://", host, ":", server_.port(), "/"), "url")};
    const std::string first = client.send(request).body;
    HttpResponse second = client.send(request);
    EXPECT_EQ(first, second.body);
    return second;
  }
  std::string error(const std::string& host, const HttpClientOptions& options) const {
    try {
      get(host, options);
    } catch (const HttpError& error) {
      EXPECT_EQ(error.failure(), HttpFailure::kTls);
      return error.what();
    }
    return "nothing was thrown";
  }
  size_t connections() const { return server_.connections(); }

 private:
  void serve(Peer& peer) {
    const std::unique_ptr<SSL, Freed<SSL_free>> tls(SSL_new(context_.get()));
    SSL_set_fd(tls.get(), peer.socket());
    if (SSL_accept(tls.get()) != 1) return;
    const char* name = SSL_get_servername(tls.get(), TLSEXT_NAMETYPE_host_name);
    const std::string answer = http_answer(name == nullptr ? "no name" : name);
    char buffer[4096];
    while (SSL_read(tls.get(), buffer, sizeof buffer) > 0) {
      SSL_write(tls.get(), answer.data(), static_cast<int>(answer.size()));
    }
  }

  ScratchFolder folder_;
  Context context_{SSL_CTX_new(TLS_server_method())};
  Key key_;
  Certificate certificate_;
  RawServer server_{[this](Peer& peer) { serve(peer); }};
};

TEST(Tls, SpeaksToAServerWhoseCertificateHolds) {
  const TlsServer server("DNS:localhost,IP:127.0.0.1");
  EXPECT_EQ(server.get("localhost", {.ca_file = server.ca_file()}).body, "localhost");
  EXPECT_EQ(server.get("127.0.0.1", {.ca_file = server.ca_file()}).body, "no name");
}

TEST(Tls, KeepsTheConnection) {
  const TlsServer server("DNS:localhost");
  server.get("localhost", {.ca_file = server.ca_file()});
  EXPECT_EQ(server.connections(), 1u);
}

TEST(Tls, RefusesACertificateOfAnotherHost) {
  const TlsServer server("DNS:elsewhere.example");
  EXPECT_THAT(server.error("localhost", {.ca_file = server.ca_file()}), HasSubstr("a certificate that holds"));
}

TEST(Tls, RefusesACertificateThatNobodyVouchesFor) {
  const TlsServer server("DNS:localhost");
  EXPECT_THAT(server.error("localhost", {}), HasSubstr("self-signed certificate"));
}

TEST(Tls, RefusesACertificateWhoseTimeIsOver) {
  const TlsServer server("DNS:localhost", -1000);
  EXPECT_THAT(server.error("localhost", {.ca_file = server.ca_file()}), HasSubstr("certificate has expired"));
}

TEST(Tls, SaysThatTheServerSpeaksNoTls) {
  RawServer server([](Peer& peer) {
    peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.hold();
  });
  const HttpRequest request{.url = parse_url(cat("https://127.0.0.1:", server.port()), "url")};
  EXPECT_THAT(error_of([&] { HttpClient().send(request); }), HasSubstr("a TLS connection"));
}

TEST(Tls, SaysThatTheFileOfAuthoritiesIsBroken) {
  const ScratchFolder folder;
  const std::string path = folder.put("ca.pem", "no certificate");
  EXPECT_THAT(error_of([&] { HttpClient client({.ca_file = path}); }), HasSubstr("a PEM file of certificates"));
  EXPECT_THAT(error_of([&] { HttpClient client({.ca_file = folder / "none"}); }), HasSubstr("none: expected"));
}

}  // namespace
}  // namespace fusion
