/**
 * @file Words of domains where a wrong answer does harm, in English, German, French and Spanish. Made for this gate and
 * coarse: a strong term alone, or two different weak ones, put a row into a domain; they count words and understand nothing.
 */
import type { Terms } from './term-index.ts';

export const domains = [
  'medical',
  'legal',
  'financial',
  'self-harm',
  'weapons',
  'minors',
  'politics',
] as const;
export type Domain = (typeof domains)[number];

export const domainTerms: Readonly<Record<Domain, Terms>> = {
  medical: {
    strong: `diagnosis, diagnosed, prescription, antibiotic, antibiotics, chemotherapy, insulin, ibuprofen, paracetamol,
      acetaminophen, overdose, dosage, vaccine, vaccines, vaccination, antidepressant, antidepressants, side effects of,
      blood pressure, medical advice, diabetes, cancer treatment, tumor, tumour, migraine, asthma, pregnant,
      diagnose, rezeptpflichtig, antibiotika, impfung, impfstoff, blutdruck, nebenwirkungen, überdosis, schwanger,
      diagnostic médical, ordonnance médicale, antibiotique, antibiotiques, vaccin, vaccins, tension artérielle, effets secondaires,
      diagnóstico, receta médica, antibióticos, vacuna, vacunas, presión arterial, efectos secundarios, embarazada`,
    weak: `symptom, symptoms, disease, doctor, patient, patients, medicine, medication, pills, infection, treatment, therapy,
      surgery, hospital, pain, fever, nurse, clinic, symptome, krankheit, arzt, ärztin, medikament, medikamente, schmerzen,
      krankenhaus, fieber, symptômes, maladie, médecin, médicament, médicaments, douleur, hôpital, fièvre, síntomas,
      enfermedad, médico, medicamento, medicamentos, dolor, hospital, fiebre`,
  },
  legal: {
    strong: `lawsuit, lawsuits, attorney, attorneys, plaintiff, defendant, subpoena, felony, misdemeanor, legal advice,
      statute of limitations, custody battle, restraining order, power of attorney, small claims, breach of contract,
      rechtsanwalt, rechtsanwältin, anwalt, klage einreichen, strafanzeige, sorgerecht, rechtsberatung,
      plaignant, porter plainte, conseil juridique, droit du travail, abogado, abogada, demanda judicial, demandante,
      asesoría legal, custodia`,
    weak: `sue, court, judge, lawyer, lawyers, legal, illegal, law, contract, liability, copyright, trademark, tenant,
      landlord, eviction, gericht, richter, gesetz, vertrag, haftung, mieter, vermieter, kündigung, tribunal, avocat, juge, loi,
      contrat, locataire, juez, ley, contrato, inquilino, juicio`,
  },
  financial: {
    strong: `mortgage, mortgages, stock market, bitcoin, cryptocurrency, investment advice, retirement savings,
      credit score, tax return, tax deduction, bankruptcy, dividend, dividends, hedge fund, mutual fund, index fund,
      hypothek, aktien, kryptowährung, steuererklärung, altersvorsorge, insolvenz, geldanlage,
      hypothèque, prêt immobilier, cryptomonnaie, déclaration de revenus, faillite, placement financier,
      hipoteca, bolsa de valores, criptomoneda, declaración de la renta, bancarrota`,
    weak: `loan, loans, invest, investing, investment, investments, interest rate, debt, tax, taxes, bank, savings, credit,
      portfolio, kredit, zinsen, schulden, steuer, steuern, bank, sparen, prêt, taux, dette, impôt, impôts, banque, épargne,
      préstamo, interés, deuda, impuesto, impuestos, banco, ahorros, inversión`,
  },
  'self-harm': {
    strong: `suicide, suicidal, kill myself, killing myself, end my life, ending my life, take my own life, self harm,
      self harming, cut myself, cutting myself, hang myself, want to die, don t want to live, anorexia, bulimia,
      selbstmord, suizid, mich umbringen, umbringen will, nicht mehr leben, selbstverletzung, magersucht,
      me suicider, me tuer, mettre fin à mes jours, envie de mourir, automutilation, anorexie,
      suicidio, suicidarme, matarme, quitarme la vida, quiero morir, autolesión, autolesiones`,
  },
  weapons: {
    strong: `pipe bomb, make a bomb, build a bomb, bomb making, explosives, explosive device, nerve agent, nerve gas,
      ghost gun, assault rifle, ammunition, firearm, firearms, molotov cocktail, hand grenade, hand grenades, ricin, sarin,
      bombe bauen, rohrbombe, sprengstoff, schusswaffe, schusswaffen, munition, giftgas,
      fabriquer une bombe, explosifs, arme à feu, armes à feu, munitions, gaz toxique,
      fabricar una bomba, explosivos, arma de fuego, armas de fuego, municiones, gas nervioso`,
    weak: `gun, guns, rifle, pistol, bomb, weapon, weapons, bullet, bullets, waffe, waffen, gewehr, pistole, bombe, arme,
      armes, fusil, pistolet, arma, armas, rifle, pistola, bomba`,
  },
  minors: {
    strong: `underage, child abuse, minors, my toddler, my daughter is, my son is, teenage girl, teenage boy, teenagers,
      middle school, year old girl, year old boy, year old daughter, year old son, foster care,
      minderjährig, minderjährige, kindesmissbrauch, mein kleinkind, jährige tochter, jähriger sohn, jugendliche,
      enfant mineur, enfants mineurs, maltraitance, adolescents, ans ma fille,
      menor de edad, menores de edad, abuso infantil, adolescentes, mi hija de, mi hijo de`,
    weak: `child, children, kid, kids, toddler, baby, teenager, school, kinder, schule, enfant, enfants,
      bébé, école, niño, niña, niños, niñas, bebé, escuela`,
  },
  politics: {
    strong: `democrats, republicans, republican party, democratic party, presidential election, abortion, gun control,
      immigration policy, white house, prime minister, left wing, right wing, communism, socialism, fascism, genocide,
      bundestag, bundeskanzler, bundeskanzlerin, wahlkampf, bundestagswahl, rechtsextrem, linksextrem, abtreibung,
      assemblée nationale, élection présidentielle, extrême droite, extrême gauche, premier ministre, avortement,
      elecciones, extrema derecha, extrema izquierda, presidente del gobierno, aborto, comunismo, socialismo`,
    weak: `election, elections, vote, voting, voters, politician, politicians, president, senator, congress, parliament,
      government, political, immigrants, protest, protests, wahl, wahlen, partei, politiker, regierung, parlament, präsident,
      élection, élections, parti, gouvernement, président, politique, elección, partido, gobierno, presidente, política,
      político`,
  },
};
