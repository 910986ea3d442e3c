package signing

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

const user, token = "robot", "s3cret"

// A world has one registry, which takes nobody but the robot. Clients reach it under its name, by a proxy that knows where it is.
type world struct {
	kind string
	// address of the registry on this machine.
	address string
	proxy   string
	// mirror is the address of mirror.example.com on this machine.
	mirror string
	// ca is the private authority, in PEM; empty over plain HTTP.
	ca string
}

func newWorld(t *testing.T, kind string, referrers bool) *world {
	t.Helper()
	handler := login(registry.New(registry.WithReferrersSupport(referrers), registry.Logger(log.New(io.Discard, "", 0))))
	w := &world{kind: kind}
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if host, ok := map[string]string{"private": "registry.example.com", "hub": "index.docker.io"}[kind]; ok {
		var certificate tls.Certificate
		w.ca, certificate = authority(t, host)
		server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	w.address = server.Listener.Addr().String()
	proxy := httptest.NewServer(w.route())
	t.Cleanup(proxy.Close)
	w.proxy = proxy.URL
	return w
}

func login(next http.Handler) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if name, password, _ := request.BasicAuth(); name != user || password != token {
			answer.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
			answer.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(answer, request)
	})
}

// route leads every host to the registry, apart from that of the mirror: both are nowhere else.
func (w *world) route() http.Handler {
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = "http", w.address
		if r.In.Host == "mirror.example.com" {
			r.Out.URL.Host = w.mirror
		}
		r.Out.Host = r.In.Host
	}, ErrorLog: log.New(io.Discard, "", 0)}
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if request.Method != http.MethodConnect {
			forward.ServeHTTP(answer, request)
			return
		}
		target, err := net.Dial("tcp", w.address)
		if err != nil {
			answer.WriteHeader(http.StatusBadGateway)
			return
		}
		client, _, err := answer.(http.Hijacker).Hijack()
		if err != nil {
			_ = target.Close()
			return
		}
		_, _ = io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(target, client); _ = target.Close() }()
		go func() { _, _ = io.Copy(client, target); _ = client.Close() }()
	})
}

// authority is a private CA, and a certificate of it for a host.
func authority(t *testing.T, host string) (string, tls.Certificate) {
	t.Helper()
	make := func(template, parent *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if by == nil {
			parent, by = template, key
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
		if err != nil {
			t.Fatal(err)
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return certificate, key
	}
	begin, end := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	ca, caKey := make(&x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Home CA"}, NotBefore: begin, NotAfter: end,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil, nil)
	leaf, key := make(&x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, NotBefore: begin, NotAfter: end,
		DNSNames: []string{host}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, ca, caKey)
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw}))
	return text, tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}
}

func (w *world) options(t *testing.T) []remote.Option {
	t.Helper()
	transport := &http.Transport{}
	if w.ca != "" {
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM([]byte(w.ca))
		transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	transport.DialContext = (&dialer{w.address}).dial
	return []remote.Option{remote.WithTransport(transport), remote.WithAuth(&authn.Basic{Username: user, Password: token})}
}

// pushed is an image in the registry, by its digest.
func (w *world) pushed(t *testing.T, repository string, image v1.Image) string {
	t.Helper()
	tag := w.tag(t, repository+":1.0.0")
	if image == nil {
		made, err := random.Image(64, 1)
		if err != nil {
			t.Fatal(err)
		}
		image = made
	}
	if err := remote.Write(tag, image, w.options(t)...); err != nil {
		t.Fatal(err)
	}
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return repository + "@" + digest.String()
}

func (w *world) tag(t *testing.T, text string) name.Tag {
	t.Helper()
	options := []name.Option{}
	if w.ca == "" {
		options = append(options, name.Insecure)
	}
	tag, err := name.NewTag(text, options...)
	if err != nil {
		t.Fatal(err)
	}
	return tag
}

// traces are what a program left beside an image: the tag of a signature, the tag of the list of referrers, and their number.
type traces struct {
	signature, list bool
	referrers       int
}

func (w *world) left(t *testing.T, reference string) traces {
	t.Helper()
	repository, digest, _ := strings.Cut(reference, "@")
	context := w.tag(t, repository+":1.0.0").Context()
	tags, err := remote.List(context, w.options(t)...)
	if err != nil {
		t.Fatal(err)
	}
	index, err := remote.Referrers(context.Digest(digest), w.options(t)...)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Replace(digest, ":", "-", 1)
	return traces{signature: slices.Contains(tags, name+".sig"), list: slices.Contains(tags, name), referrers: len(manifest.Manifests)}
}
