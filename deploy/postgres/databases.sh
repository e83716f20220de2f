#!/usr/bin/env bash
# Runs once, on an empty data folder: one database and one role for each service, and nobody
# else's door open. A service's role owns its database and can't connect to another's.
set -euo pipefail

database_for() {
    local service=$1 password=$2
    psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
        --set service="$service" --set password="$password" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
}

database_for partner "$PARTNER_DB_PASSWORD"
database_for quote "$QUOTE_DB_PASSWORD"
database_for order "$ORDER_DB_PASSWORD"
database_for booking "$BOOKING_DB_PASSWORD"
database_for notifier "$NOTIFIER_DB_PASSWORD"
