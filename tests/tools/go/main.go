// With the Go SDK: makes, changes and deletes a client grant, by the variables that were handed over.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"github.com/auth0/go-auth0"
	"github.com/auth0/go-auth0/management"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	ctx := context.Background()
	api, err := management.New(
		os.Getenv("AUTH0_DOMAIN"),
		management.WithClientCredentials(ctx, os.Getenv("AUTH0_CLIENT_ID"), os.Getenv("AUTH0_CLIENT_SECRET")),
	)
	must(err)

	application := &management.Client{Name: auth0.String("By the Go SDK"), AppType: auth0.String("non_interactive")}
	must(api.Client.Create(ctx, application))
	made := &management.ClientGrant{
		ClientID: application.ClientID,
		Audience: auth0.String(os.Getenv("AUTH0_AUDIENCE")),
		Scope:    &[]string{"read:clients"},
	}
	must(api.ClientGrant.Create(ctx, made))
	changed := &management.ClientGrant{Scope: &[]string{"read:clients", "read:connections"}}
	must(api.ClientGrant.Update(ctx, made.GetID(), changed))
	listed, err := api.ClientGrant.List(ctx, management.Parameter("client_id", application.GetClientID()))
	must(err)
	must(api.ClientGrant.Delete(ctx, made.GetID()))
	must(api.Client.Delete(ctx, application.GetClientID()))
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"made": made.GetScope(), "changed": changed.GetScope(), "listed": len(listed.ClientGrants),
	}))
}
