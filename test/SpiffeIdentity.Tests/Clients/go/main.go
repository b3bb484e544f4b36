// A workload written with go-spiffe, as any Go program would be: it talks to the Workload API and does mutual TLS.
// Each command prints one JSON object per line; a failure goes to standard error and ends the program with status 1.
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spiffe/go-spiffe/v2/proto/spiffe/workload"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/spiffetls/tlsconfig"
	"github.com/spiffe/go-spiffe/v2/svid/jwtsvid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
	"github.com/spiffe/go-spiffe/v2/workloadapi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func say(object map[string]any) {
	line, err := json.Marshal(object)
	must(err)
	fmt.Println(string(line))
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	command, socket := os.Args[1], os.Args[2]
	client, err := workloadapi.New(ctx, workloadapi.WithAddr(socket))
	must(err)
	defer client.Close()
	switch command {
	case "fetch":
		fetch(ctx, client)
	case "codes":
		codes(ctx, socket)
	case "watch":
		go func() { _ = client.WatchX509Context(ctx, watcher{}) }()
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "serve":
		serve(ctx, client, spiffeid.RequireFromString(os.Args[3]))
	case "get":
		get(ctx, client, os.Args[3], spiffeid.RequireFromString(os.Args[4]))
	default:
		must(fmt.Errorf("command %q is not known", command))
	}
}

func fetch(ctx context.Context, client *workloadapi.Client) {
	svids, err := client.FetchX509SVIDs(ctx)
	must(err)
	bundles, err := client.FetchX509Bundles(ctx)
	must(err)
	for _, svid := range svids {
		_, _, err = x509svid.Verify(svid.Certificates, bundles)
		must(err)
		say(map[string]any{"x509": svid.ID.String(), "hint": svid.Hint, "chain": len(svid.Certificates)})
	}
	token, err := client.FetchJWTSVID(ctx, jwtsvid.Params{Audience: "reports"})
	must(err)
	keys, err := client.FetchJWTBundles(ctx)
	must(err)
	_, err = jwtsvid.ParseAndValidate(token.Marshal(), keys, []string{"reports"})
	must(err)
	validated, err := client.ValidateJWTSVID(ctx, token.Marshal(), "reports")
	must(err)
	say(map[string]any{"jwt": validated.ID.String(), "audience": token.Audience})
	_, err = client.ValidateJWTSVID(ctx, token.Marshal(), "others")
	say(map[string]any{"otherAudience": status.Code(err).String()})
}

// What grpc-go makes of the codes that a server must answer.
func codes(ctx context.Context, socket string) {
	connection, err := grpc.NewClient(socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(err)
	api := workload.NewSpiffeWorkloadAPIClient(connection)
	header := metadata.NewOutgoingContext(ctx, metadata.Pairs("workload.spiffe.io", "true"))
	stream, err := api.FetchX509SVID(ctx, &workload.X509SVIDRequest{})
	must(err)
	_, err = stream.Recv()
	say(map[string]any{"noHeader": status.Code(err).String()})
	err = connection.Invoke(header, "/SpiffeWorkloadAPI/FetchWITSVID", &workload.X509SVIDRequest{}, &workload.X509SVIDResponse{})
	say(map[string]any{"witProfile": status.Code(err).String()})
	_, err = api.FetchJWTSVID(header, &workload.JWTSVIDRequest{Audience: []string{"a"}}, grpc.UseCompressor("gzip"))
	say(map[string]any{"compressed": status.Code(err).String()})
	_, err = api.FetchJWTSVID(header, &workload.JWTSVIDRequest{Audience: []string{string(make([]byte, 5<<20))}})
	say(map[string]any{"oversized": status.Code(err).String()})
	short, stop := context.WithTimeout(header, 500*time.Millisecond)
	defer stop()
	bundles, err := api.FetchJWTBundles(short, &workload.JWTBundlesRequest{})
	for err == nil {
		_, err = bundles.Recv()
	}
	say(map[string]any{"deadline": status.Code(err).String()})
}

type watcher struct{}

func (watcher) OnX509ContextUpdate(update *workloadapi.X509Context) {
	svid := update.DefaultSVID()
	say(map[string]any{"id": svid.ID.String(), "serial": svid.Certificates[0].SerialNumber.Text(16)})
}

func (watcher) OnX509ContextWatchError(err error) { say(map[string]any{"problem": err.Error()}) }

func serve(ctx context.Context, client *workloadapi.Client, peer spiffeid.ID) {
	source, err := workloadapi.NewX509Source(ctx, workloadapi.WithClient(client))
	must(err)
	defer source.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	secured := tls.NewListener(listener, tlsconfig.MTLSServerConfig(source, source, tlsconfig.AuthorizeID(peer)))
	say(map[string]any{"port": listener.Addr().(*net.TCPAddr).Port})
	go func() {
		_ = http.Serve(secured, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id, err := x509svid.IDFromCert(r.TLS.PeerCertificates[0])
			must(err)
			fmt.Fprintf(w, "hello %s", id)
		}))
	}()
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func get(ctx context.Context, client *workloadapi.Client, url string, peer spiffeid.ID) {
	source, err := workloadapi.NewX509Source(ctx, workloadapi.WithClient(client))
	must(err)
	defer source.Close()
	web := http.Client{Transport: &http.Transport{TLSClientConfig: tlsconfig.MTLSClientConfig(source, source, tlsconfig.AuthorizeID(peer))}}
	response, err := web.Get(url)
	must(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(err)
	say(map[string]any{"status": response.StatusCode, "body": string(body)})
}
