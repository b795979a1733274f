/**
 * @file Coarse words: obscenities, insults and threats in English, German, French and Spanish. Made for this gate, and coarse
 * on purpose: it counts words, it does not understand them. Slurs against groups are not in it; a project that has to count
 * them gives its own list.
 */
import type { Terms } from './term-index.ts';

export const toxicTerms: Readonly<Record<'obscene' | 'insult' | 'threat', Terms>> = {
  obscene: {
    strong: `fuck, fucks, fucked, fucker, fuckers, fucking, motherfucker, motherfuckers, motherfucking, shit, shits, shitty,
      bullshit, shithead, cunt, cunts, cock sucker, cocksucker, asshole, assholes, arsehole, arseholes, dickhead, dickheads,
      wanker, wankers, twat, twats, bollocks, jackass, dumbass, piss off, blowjob, jizz,
      scheiße, scheiss, scheisse, fick, ficken, gefickt, fick dich, arschloch, arschlöcher, wichser, fotze, hurensohn,
      putain, merde, enculé, enculer, connard, connards, connasse, salope, salopes, nique, niquer, foutre, bordel de merde,
      mierda, joder, coño, puta, putas, hijo de puta, cabrón, cabrones, pendejo, pendejos, chinga, chingar, gilipollas`,
  },
  insult: {
    strong: `idiot, idiots, moron, morons, imbecile, imbeciles, scumbag, scumbags, bitch, bitches, whore, whores, slut, sluts,
      bastard, bastards, douchebag, dipshit, shut up, you are stupid, you re stupid, you are pathetic, you re pathetic,
      you are disgusting, you re disgusting, piece of trash, piece of garbage, waste of space, stupid people,
      idioten, trottel, vollidiot, dummkopf, missgeburt, halt die fresse, halt dein maul, schlampe, drecksau, abschaum,
      idiote, idiotes, crétin, crétins, imbécile, imbéciles, débile, ta gueule, ferme la, abruti, abrutis,
      idiota, idiotas, imbécil, estúpido, estúpida, cállate, maricón, basura humana, tarado`,
  },
  threat: {
    strong: `i will kill you, i ll kill you, i m going to kill you, kill yourself, kys, go die, you should die,
      you deserve to die, hope you die, i will hurt you, i ll hurt you, i will beat you, i ll beat you up, burn in hell,
      i will find you, rape you, hang yourself, drop dead, shoot you, stab you,
      ich bring dich um, ich töte dich, bring dich um, verrecke, geh sterben, du sollst sterben,
      je vais te tuer, je te tue, va mourir, crève, suicide toi, je vais te frapper,
      te voy a matar, voy a matarte, muérete, mátate, ojalá te mueras, te voy a pegar`,
  },
};
