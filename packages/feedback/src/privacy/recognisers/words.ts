/** @file Words before a number that say it is no person's: an order, a parcel, a book, a version. */
import { listed } from '../context.ts';

/** Names of national identifiers whose digits may look like a telephone number. */
export const identifierWords: readonly string[] = listed(`
  nhs, ssn, social security, social insurance, national insurance, itin, taxpayer, tax file, tfn,
  medicare, passport, licence number, license number, account number, identity number, id number, bsn,
  burgerservicenummer, rijksregister, personnummer, fødselsnummer, cpr, henkilötunnus, pesel,
  steuer-id, steueridentifikationsnummer, sozialversicherung, svnr, ahv, dni, codice fiscale, cpf,
  contribuinte, sécurité sociale, assurance sociale, numéro national, rodné číslo, cnp, kimlik,
  aadhaar, aadhar, 身份证, 身分證, 주민등록번호, iban, kontonummer, routing number, sort code
`);

/** In the languages of the other lists. A nearer word that speaks for the entity outweighs them. */
export const impersonalWords: readonly string[] = listed(`
  order, invoice, tracking, shipment, parcel, isbn, issn, ean, upc, gtin, sku, serial, ticket, case,
  part number, part no, model number, item, article, catalogue, catalog, batch, version, build,
  release, timestamp, epoch, transaction, reference, doi, arxiv, pmid, imei, commit, hash, checksum,
  uuid, guid, seed, row, line, page, lot, po number, voucher, bestellung, bestellnummer, rechnung,
  sendung, seriennummer, artikelnummer, auftrag, vorgang, pedido, factura, envío, seguimiento,
  número de serie, referencia, artículo, commande, facture, colis, numéro de série, référence, suivi,
  ordine, fattura, spedizione, numero di serie, encomenda, fatura, bestelling, factuur, zamówienie,
  zamówienia, faktura, faktury, przesyłka, beställning, tilaus, ordrenummer, заказ, накладная, 订单, 訂單,
  发票, 快递, 注文番号, 追跡番号, 주문번호, 송장번호, सरकारी आदेश
`);
