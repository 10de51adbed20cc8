package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

type certificates struct {
	pool   *x509.CertPool
	tester tls.Certificate // a member of system:masters
}

// An authority of our own and what it signs, each as NAME.crt and NAME.key in `directory`.
func makeCertificates(directory string) (*certificates, error) {
	write := func(name, kind string, der []byte) error {
		return os.WriteFile(filepath.Join(directory, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	from, until := time.Now().Add(-time.Hour), time.Now().Add(48*time.Hour)
	authority := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "recorder"}, NotBefore: from, NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	if err != nil {
		return nil, err
	}
	if err := write("ca.crt", "CERTIFICATE", der); err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	pool.AddCert(parsed)

	sign := func(serial int64, file string, subject pkix.Name) error {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return err
		}
		der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: subject,
			NotBefore: from, NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
			IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}}, authority, key.Public(), authorityKey)
		if err != nil {
			return err
		}
		keyDER, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return err
		}
		publicDER, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			return err
		}
		for _, part := range []struct {
			name, kind string
			der        []byte
		}{{file + ".crt", "CERTIFICATE", der}, {file + ".key", "PRIVATE KEY", keyDER}, {file + ".pub", "PUBLIC KEY", publicDER}} {
			if err := write(part.name, part.kind, part.der); err != nil {
				return err
			}
		}
		return nil
	}
	if err := sign(2, "server", pkix.Name{CommonName: "server"}); err != nil {
		return nil, err
	}
	if err := sign(3, "accounts", pkix.Name{CommonName: "accounts"}); err != nil {
		return nil, err
	}
	if err := sign(4, "tester", pkix.Name{CommonName: "tester", Organization: []string{"system:masters"}}); err != nil {
		return nil, err
	}
	tester, err := tls.LoadX509KeyPair(filepath.Join(directory, "tester.crt"), filepath.Join(directory, "tester.key"))
	return &certificates{pool, tester}, err
}
